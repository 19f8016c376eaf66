import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Message } from "@lobstercontrol/core";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import { onTestFailed, onTestFinished } from "vitest";
import type { Evidence } from "./judge.ts";
import { createPrograms, type Program, type ProgramName } from "./program.ts";
import { quietPort } from "./quiet-port.ts";
import { account, agent, inFolder, inputOf, isPoison, rules, threadOf, type Settings } from "./settings.ts";
import { watchDatabase } from "./watch-database.ts";

/** How a story is set up. */
export interface StageOptions {
  threads: number;
  each: number;
  /** Whether the runtimes reach the control plane over HTTP, at a process of its own. */
  overHttp: boolean;
  /** A real gateway in place of the mock, and how its runtimes reach it. */
  real?: {
    start: (folder: string, gateway: Settings["gateway"]) => Program;
    openWay: (port: number) => Promise<{ port: number }>;
    words: string;
    /** How far the story has come. */
    progress: () => number;
  };
}

/** A process that has a part, and whoever plays it now. */
export interface Part {
  name: ProgramName;
  workerId: string;
  program: Program;
  /** How often a runtime of its name had started before. */
  startsBefore: number;
}

export type Stage = Awaited<ReturnType<typeof openStage>>;

/** A SQLite file, two runtimes, a gateway, a platform, and perhaps a control plane: each a process that can be killed. */
export async function openStage({ threads, each, overHttp, real }: StageOptions) {
  const folder = mkdtempSync(join(tmpdir(), "lobster-chaos-"));
  onTestFinished(() => rmSync(folder, { recursive: true, maxRetries: 5 }));
  const files = inFolder(folder);
  writeFileSync(files.poison, "");
  const controlPlane = createSqliteControlPlane({ path: files.database, ...rules });
  onTestFinished(() => controlPlane.close());
  await controlPlane.platform.upsertAccount({ account });
  await controlPlane.platform.upsertAgent({ account, agent });
  const admin = controlPlane.admin({ id: "user-1" }, account);
  const gatewayPort = await quietPort();
  const way = await real?.openWay(gatewayPort);
  const words = real?.words ?? "";
  const settings: Settings = {
    folder,
    threads,
    each,
    token: (await admin.issueServiceToken()).token.reveal(),
    gateway: { port: gatewayPort, via: way?.port ?? gatewayPort, token: crypto.randomUUID() },
    words,
    controlPlanePort: overHttp ? await quietPort() : null,
    workerId: "",
    concurrency: 10,
    control: real !== undefined,
  };
  const database = watchDatabase(files.database);

  const start = createPrograms();
  const unexpected: string[] = [];
  onTestFailed(() => void (unexpected.length > 0 && console.log(unexpected.join("\n"))));
  /** Those whose end is no surprise. */
  const doomed = new WeakSet<Program>();

  function startProgram(name: ProgramName, workerId: string): Program {
    const program =
      name === "gateway" && real !== undefined
        ? real.start(folder, settings.gateway)
        : start(name, { ...settings, workerId });
    void program.ended.then(({ code, signal }) => {
      if (!doomed.has(program) && !isOver)
        unexpected.push(`${name} ${workerId} ended by itself (${code ?? signal}): ${program.complaints()}`);
    });
    return program;
  }
  function cast(name: ProgramName, workerId = ""): Part {
    const startsBefore = database.starts(workerId);
    return { name, workerId, startsBefore, program: startProgram(name, workerId) };
  }
  function recast(part: Part, workerId: string): void {
    part.startsBefore = database.starts(workerId);
    part.workerId = workerId;
    part.program = startProgram(part.name, workerId);
  }
  let isOver = false;
  onTestFinished(() => void (isOver = true));

  const gateway = cast("gateway");
  onTestFinished(async () => {
    doomed.add(gateway.program);
    gateway.program.send("SIGKILL");
    await gateway.program.ended;
  });
  const parts = [
    gateway,
    ...(overHttp ? [cast("control-plane")] : []),
    cast("platform"),
    cast(overHttp ? "lobster-runtime" : "runtime", "droplet-1"),
    cast(overHttp ? "lobster-runtime" : "runtime", "droplet-2"),
  ];
  const runtimes = parts.slice(-2);
  const partsOf = (name: ProgramName): Part[] => parts.filter((part) => part.name === name);

  function messages(): Message[] {
    const read = new Map<string, Message>();
    for (const entry of files.platform.read())
      if ("message" in entry && !read.has(entry.message.id)) read.set(entry.message.id, entry.message);
    return [...read.values()];
  }

  return {
    admin,
    files,
    gateway: settings.gateway,
    partsOf,
    runtimes,
    unexpected,
    /** What the platform has read by now, each message once. */
    messages,
    /** What is left, for the judge. */
    async evidence(): Promise<Omit<Evidence, "redriven" | "heard" | "isReply">> {
      return {
        inputs: Array.from({ length: threads * each }, (_, index) =>
          inputOf(threadOf(index % threads), Math.floor(index / threads), words),
        ),
        notifications: (await admin.notifications({ limit: 1_000 })).items,
        messages: messages(),
        stored: (await admin.messages({ limit: 1_000 })).items,
        completes: files.completes.read(),
        leases: database.leases(),
      };
    },
    /** Kills a process as a crash would; says whether it was alive. */
    async kill(part: Part): Promise<boolean> {
      doomed.add(part.program);
      part.program.send("SIGKILL");
      return (await part.program.ended).signal === "SIGKILL";
    },
    /** Starts whoever plays a part from now on. */
    restart(part: Part, workerId = part.workerId): void {
      recast(part, workerId);
    },
    /** Whether a runtime has come as far as its first claim, by which the control plane knows it. */
    hasClaimed: ({ workerId, startsBefore }: Part) => database.starts(workerId) > startsBefore,
    /** Starts a second process under the same name; the first is fenced, and ends by itself. */
    replace(part: Part): Program {
      const before = part.program;
      doomed.add(before);
      recast(part, part.workerId);
      return before;
    },
    /** How far the story has come: the runs that the gateway has begun. */
    progress: real?.progress ?? (() => files.runs.count()),
    /** Whether everything has been notified, and is delivered or dead. */
    isOver: () => database.ended() === threads * each,
    poisoned: () =>
      Array.from({ length: threads }, (_, thread) => inputOf(threadOf(thread), 3)).filter(isPoison),
    /** Lets what was poisoned be delivered. */
    mend: () => rmSync(files.poison),
    /** Ends all runtimes as a supervisor does; gives their exit codes. */
    async drain(): Promise<(number | null)[]> {
      isOver = true;
      return await Promise.all(
        runtimes.map(async ({ program }) => {
          program.send("SIGTERM");
          return (await program.ended).code;
        }),
      );
    },
  };
}

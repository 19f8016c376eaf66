import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { scrubText, type Secret } from "@lobstercontrol/core";
import {
  keyVariables,
  renderConfig,
  tokenVariable,
  type ConfigOptions,
  type ModelProvider,
} from "./config.ts";
import { lastLines } from "./last-lines.ts";
import { freePort } from "./port.ts";
import { startGroup, type ProcessGroup } from "./process-group.ts";

const readyTimeoutMs = 120_000;
const probeEveryMs = 200;
const progressEveryMs = 3000;
const stopGraceMs = 10_000;
const keptLines = 40;

/** What {@link startGateway} needs. */
export interface GatewayOptions {
  /** The entry of OpenClaw, as `ensureOpenClaw` gives it. */
  openclaw: string;
  /** Where the agents' words come from. */
  provider: ModelProvider;
  /** Slugs of the agents, at least one. */
  agents: readonly string[];
  /** What clients have to send as the bearer token. */
  token: Secret;
  /** Loopback port. Default: 0, any free one. */
  port?: number;
  /**
   * Where sessions, settings and logs go. Default: a temporary folder, removed by `stop`. A folder that is given stays,
   * so that a gateway started on it again remembers its sessions.
   */
  stateDir?: string;
  /** Whether `POST /v1/responses` is served. Default: true. */
  responsesEnabled?: boolean;
  /** Changes the configuration where none of these options does. Default: nothing is changed. */
  amend?: ConfigOptions["amend"];
  /** Takes one line at a time for a person who waits. Default: nothing is told. */
  onProgress?: (line: string) => void;
  /** Gives up the start. A gateway that is ready already is ended by `stop`. */
  signal?: AbortSignal;
}

/** A gateway that is ready for requests. */
export interface Gateway {
  /** Its base URL, without a slash at the end. */
  url: string;
  /** The process to send signals to. */
  pid: number;
  /** Resolves when the process has ended, for whatever reason. */
  ended: Promise<number | NodeJS.Signals>;
  /** Lets it finish what runs for ten seconds at most, ends it, and removes its temporary folder. Repeatable. */
  stop: () => Promise<void>;
  /** Ends it at once, as a crash would. Sessions on disk stay as they are; call `stop` in the end all the same. */
  kill: () => void;
  /** The end of what it printed, credentials hidden. */
  lastLines: () => string[];
}

/** The gateway did not become ready. The message has its last words. */
class GatewayStartError extends Error {
  override readonly name = "GatewayStartError";

  /**
   * @param reason why, in words that follow a colon
   * @param lines the end of what it printed
   */
  constructor(reason: string, lines: readonly string[]) {
    const said = lines.length === 0 ? "" : ` Its last lines:\n${lines.join("\n")}`;
    super(`The gateway did not start: ${reason}.${said}`);
  }
}

/**
 * Starts a real OpenClaw gateway on loopback, with a state of its own: nothing of the user's OpenClaw is read or written,
 * and of the environment only PATH is handed on. The token and the provider's key travel in the environment of the
 * gateway's process, never in its arguments or files.
 *
 * @throws {GatewayStartError} when it ends before it is ready, or is not ready after two minutes
 * @throws the reason of `signal` when it was aborted
 *
 * @example
 * ```ts
 * const models = await startModelProvider();
 * const gateway = await startGateway({
 *   openclaw: await ensureOpenClaw(),
 *   provider: { kind: "local", url: models.url },
 *   agents: ["writer"],
 *   token: new Secret("correct horse"),
 * });
 * await gateway.stop();
 * await models.close();
 * ```
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  options.signal?.throwIfAborted();
  // Else another gateway on that port would answer for this one.
  const port = await freePort(options.port).catch(() => {
    throw new GatewayStartError(`port ${options.port} is taken; choose another, or none for a free one`, []);
  });
  const stateDir = options.stateDir ?? (await mkdtemp(join(tmpdir(), "lobster-gateway-")));
  const secrets = [options.token, ...(options.provider.kind === "local" ? [] : [options.provider.apiKey])];
  const printed = lastLines(keptLines, (line) => scrubText(line, secrets));

  let group: ProcessGroup | undefined;
  const stop = async () => {
    if (group !== undefined) await endGroup(group);
    if (options.stateDir === undefined) await rm(stateDir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await writeState(stateDir, port, options);
    group = await startGroup({
      command: process.execPath,
      args: [options.openclaw, "gateway", "run", "--port", String(port)],
      cwd: stateDir,
      env: gatewayEnvironment(stateDir, options),
      onOutput: printed.add,
    });
    const url = `http://127.0.0.1:${port}`;
    await untilReady(url, group, printed.lines, options);
    const { pid, ended, kill } = group;
    return { url, pid, ended, stop, kill, lastLines: printed.lines };
  } catch (error) {
    group?.kill();
    await stop();
    throw error;
  }
}

async function writeState(stateDir: string, port: number, options: GatewayOptions): Promise<void> {
  const { provider, agents, responsesEnabled, amend } = options;
  for (const folder of [stateDir, join(stateDir, "tmp")])
    await mkdir(folder, { recursive: true, mode: 0o700 });

  const config = join(stateDir, "openclaw.json");
  await writeFile(
    config,
    renderConfig({
      port,
      agents,
      provider,
      stateDir,
      ...(responsesEnabled === undefined ? {} : { responsesEnabled }),
      ...(amend === undefined ? {} : { amend }),
    }),
    { mode: 0o600 },
  );
  await chmod(config, 0o600); // `mode` says nothing about a file that was there before.

  if (provider.kind !== "local") return;
  // OpenClaw tries a failing provider for a minute and more. Ours fails on purpose, so once is enough.
  for (const agent of agents) {
    const settings = join(stateDir, "agents", agent, "agent", "settings.json");
    await mkdir(dirname(settings), { recursive: true });
    await writeFile(settings, JSON.stringify({ retry: { provider: { maxRetries: 0 } } }));
  }
}

function gatewayEnvironment(
  stateDir: string,
  { openclaw, provider, token }: GatewayOptions,
): NodeJS.ProcessEnv {
  const tmp = join(stateDir, "tmp");
  return {
    // This program's own Node first: OpenClaw looks for `node` on the PATH when it starts a helper.
    PATH: [dirname(process.execPath), process.env["PATH"]].filter(Boolean).join(delimiter),
    ...(process.platform === "win32" ? { SystemRoot: process.env["SystemRoot"] } : {}),
    HOME: stateDir,
    USERPROFILE: stateDir,
    TMPDIR: tmp,
    TEMP: tmp,
    TMP: tmp,
    OPENCLAW_STATE_DIR: stateDir,
    OPENCLAW_CONFIG_PATH: join(stateDir, "openclaw.json"),
    OPENCLAW_DISABLE_BONJOUR: "1",
    OPENCLAW_SKIP_CHANNELS: "1",
    OPENCLAW_NO_RESPAWN: "1",
    // What Node has compiled stays beside what is installed. In TMPDIR, where OpenClaw would put it, each start compiled it anew
    // and each stop stored it in vain: nine seconds instead of six, and four instead of one.
    NODE_COMPILE_CACHE: join(dirname(openclaw), "..", ".cache", "node"),
    // Or else OpenClaw starts itself again as a child, with a folder of its own under that one.
    OPENCLAW_PACKAGED_COMPILE_CACHE_RESPAWNED: "1",
    [tokenVariable]: token.reveal(),
    ...(provider.kind === "local"
      ? { OPENCLAW_OFFLINE: "1" }
      : { [keyVariables[provider.kind]]: provider.apiKey.reveal() }),
  };
}

async function untilReady(
  url: string,
  group: ProcessGroup,
  lines: () => string[],
  { signal, onProgress = () => {} }: GatewayOptions,
): Promise<void> {
  const startedAt = Date.now();
  let toldAt = startedAt;
  let ended: number | NodeJS.Signals | undefined;
  void group.ended.then((how) => (ended = how));
  onProgress("Starting the OpenClaw gateway: about ten seconds.");
  while (!(await isReady(url))) {
    signal?.throwIfAborted();
    const waitedMs = Date.now() - startedAt;
    if (ended !== undefined)
      throw new GatewayStartError(`it ended with ${ended} after ${seconds(waitedMs)}`, lines());
    if (waitedMs > readyTimeoutMs)
      throw new GatewayStartError(`it was not ready after ${seconds(waitedMs)}`, lines());
    if (Date.now() - toldAt >= progressEveryMs) {
      toldAt = Date.now();
      onProgress(`Starting the OpenClaw gateway: ${seconds(waitedMs)}`);
    }
    await sleep(probeEveryMs);
  }
  onProgress(`The OpenClaw gateway is ready after ${seconds(Date.now() - startedAt)}.`);
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2000) }).then(
    async (response) => {
      await response.body?.cancel();
      return response.status === 200;
    },
    () => false,
  );
}

async function endGroup(group: ProcessGroup): Promise<void> {
  group.terminate();
  const timer = setTimeout(group.kill, stopGraceMs);
  await group.ended;
  clearTimeout(timer);
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}

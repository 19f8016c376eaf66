import {
  type GatewayProbe,
  type ResponseRequest,
  ConnectionCutError,
  GatewayUnreachableError,
  RunAbortedError,
  RunFailedError,
} from "@lobstercontrol/openclaw-client";
import {
  InvalidInputError,
  LeaseLostError,
  UnauthorizedError,
  WorkerFencedError,
  type DeliveryPort,
  type RuntimePort,
} from "@lobstercontrol/core";
import { createFakeClock, type FakeClock } from "@lobstercontrol/core/testing";
import { createSqliteControlPlane, type SqliteControlPlane } from "@lobstercontrol/sqlite";
import type { DidRunParameters, RunVerdict } from "@lobstercontrol/openclaw-client/control";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { RuntimeEvent } from "./events.ts";
import { createRuntime, type Runtime, type RuntimeOptions } from "./runtime.ts";

const leaseMs = 30_000;

let clock: FakeClock;
let controlPlane: SqliteControlPlane;
let port: RuntimePort;
let gateway: ReturnType<typeof createGateway>;
let count = 0;

beforeEach(async () => {
  clock = createFakeClock();
  controlPlane = createSqliteControlPlane({
    path: ":memory:",
    clock,
    random: () => 0.5,
    maxAttempts: 3,
    backoff: { baseMs: 1_000, capMs: 300_000 },
  });
  await controlPlane.platform.upsertAccount({ account: "acme" });
  await controlPlane.platform.upsertAgent({ account: "acme", agent: "writer" });
  port = controlPlane.runtime((await controlPlane.admin({ id: "user-1" }, "acme").issueServiceToken()).token);
  gateway = createGateway();
});
afterEach(() => controlPlane.close());

/** A gateway in a variable: each run waits until the test answers it. */
function createGateway() {
  const runs: { input: string; answer(text: string): void; refuse(error: Error): void }[] = [];
  const inputs: string[] = [];
  return {
    /** The runs that are under way. */
    runs,
    /** All inputs, in the order in which they arrived. */
    inputs,
    probe: () => Promise.resolve({ ready: true } as GatewayProbe),
    responses: {
      create: ({ input: given, signal }: ResponseRequest) =>
        new Promise<never>((resolve: (value: never) => void, reject) => {
          const input = typeof given === "string" ? given : expect.fail("a runtime sends texts");
          const end = (): void => void runs.splice(runs.indexOf(run), 1);
          const run = {
            input,
            answer(text: string) {
              end();
              const usage = { inputTokens: 1, outputTokens: 1, totalTokens: 2 };
              const status = "completed";
              resolve({
                id: "resp_1",
                status,
                text,
                incompleteReason: null,
                usage,
                model: "openclaw",
              } as never);
            },
            refuse(error: Error) {
              end();
              reject(error);
            },
          };
          signal?.addEventListener("abort", () => run.refuse(new RunAbortedError({ outcome: "maybeRan" })));
          runs.push(run);
          inputs.push(input);
        }),
    },
  };
}

function start(over: Partial<RuntimeOptions> = {}): { runtime: Runtime; events: RuntimeEvent[] } {
  const events: RuntimeEvent[] = [];
  const onEvent = (event: RuntimeEvent): unknown => events.push(event);
  const runtime = createRuntime({
    port,
    client: gateway,
    clock,
    random: () => 0.5,
    leaseMs,
    onEvent,
    ...over,
  });
  onTestFinished(async () => {
    for (const run of [...gateway.runs]) run.answer("bye");
    const stopped = runtime.stop({ graceMs: 1 });
    clock.advance(1);
    await stopped;
  });
  runtime.start();
  return { runtime, events };
}

const notify = (input: string, thread = "t1") =>
  controlPlane.platform.notify({
    account: "acme",
    agent: "writer",
    thread,
    input,
    idempotencyKey: `key-${++count}`,
  });

/** Lets the event loop turn until something holds; the clock stands still meanwhile. */
async function until(holds: () => unknown): Promise<void> {
  for (let turn = 0; turn < 200; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (holds() === true) return;
  }
  expect.fail(`never came true: ${String(holds)}`);
}
/** Lets everything happen that needs no time. */
async function settle(): Promise<void> {
  let turns = 0;
  await until(() => ++turns === 20);
}
const texts = async () => (await controlPlane.platform.messages()).messages.map(({ text }) => text);
const states = async () =>
  (await controlPlane.admin({ id: "user-1" }, "acme").notifications()).items
    .map(({ state }) => state)
    .toReversed();

/** A port of which some calls are replaced. */
const portWith = (over: Partial<DeliveryPort>): DeliveryPort => ({ ...port, ...over });

describe("delivery", () => {
  it("delivers what was waiting and what comes, woken by watch", async () => {
    await notify("first");
    start();
    await until(() => gateway.runs.length === 1);
    await notify("second", "t2");
    await until(() => gateway.runs.length === 2);
    for (const run of [...gateway.runs]) run.answer(`re: ${run.input}`);
    await settle();
    expect(await texts()).toEqual(["re: first", "re: second"]);
  });

  it("finds by polling what no wake-up told of", async () => {
    const { watch: _, ...deaf } = port;
    start({ port: deaf, pollMs: 5_000 });
    await settle();
    await notify("quiet");
    await settle();
    expect(gateway.inputs).toEqual([]);
    clock.advance(5_000);
    await until(() => gateway.runs.length === 1);
  });

  it("runs no more than its concurrency, and no session key twice at a time (promise 4)", async () => {
    for (let thread = 0; thread < 5; thread++)
      for (let index = 0; index < 2; index++) await notify(`${thread}.${index}`, `t${thread}`);
    start({ concurrency: 3 });
    const order: string[] = [];
    while (order.length < 10) {
      await until(() => gateway.runs.length > 0);
      await settle();
      expect(gateway.runs.length).toBeLessThanOrEqual(3);
      const threads = gateway.runs.map(({ input }) => input[0]);
      expect(new Set(threads).size).toBe(threads.length);
      const run = gateway.runs[0]!;
      order.push(run.input);
      run.answer("ok");
    }
    for (let thread = 0; thread < 5; thread++)
      expect(order.indexOf(`${thread}.0`)).toBeLessThan(order.indexOf(`${thread}.1`));
  });

  it("gives the place of a run that is over to the next while its end is stored, and to no more than that", async () => {
    const answers: (() => void)[] = [];
    start({
      concurrency: 1,
      port: portWith({
        async complete(lease, outcome) {
          const completed = await port.complete(lease, outcome);
          await new Promise<void>((resolve) => answers.push(resolve));
          return completed;
        },
      }),
    });
    for (const thread of ["t1", "t2", "t3"]) await notify(`on ${thread}`, thread);
    await until(() => gateway.runs.length === 1);
    gateway.runs[0]!.answer("one");
    await until(() => gateway.runs.length === 1);
    gateway.runs[0]!.answer("two");
    await settle();
    expect([gateway.inputs, answers.length]).toEqual([["on t1", "on t2"], 2]);
    for (const answer of answers) answer();
    await until(() => gateway.runs.length === 1);
    expect(gateway.inputs).toEqual(["on t1", "on t2", "on t3"]);
  });

  it("promise 1: tries again what it was given again before its failure was answered", async () => {
    let answer = (): void => {};
    start({
      port: portWith({
        async fail(lease, failure) {
          const failed = await port.fail(lease, failure);
          await new Promise<void>((resolve) => (answer = resolve));
          return failed;
        },
      }),
    });
    await notify("hello");
    await until(() => gateway.runs.length === 1);
    gateway.runs[0]!.refuse(new RunAbortedError({ outcome: "notSent" }));
    await settle();
    clock.advance(5_000);
    await settle();
    expect(await states()).toEqual(["leased"]);
    answer();
    await until(() => gateway.runs.length === 1);
    expect(gateway.inputs).toEqual(["hello", "hello"]);
  });

  it("keeps a place for what it was given again before its failure was answered", async () => {
    let answer = (): void => {};
    const { events } = start({
      concurrency: 1,
      port: portWith({
        async fail(lease, failure) {
          const failed = await port.fail(lease, failure);
          await new Promise<void>((resolve) => (answer = resolve));
          return failed;
        },
      }),
    });
    await notify("first", "t1");
    await until(() => gateway.runs.length === 1);
    gateway.runs[0]!.refuse(new RunAbortedError({ outcome: "notSent" }));
    await settle();
    clock.advance(5_000);
    await settle();
    await notify("second", "t2");
    await settle();
    answer();
    await settle();
    await notify("third", "t3");
    for (const input of ["first", "second", "third"]) {
      await until(() => gateway.runs.length === 1);
      await settle();
      expect(gateway.runs.map((run) => run.input)).toEqual([input]);
      gateway.runs[0]!.answer("ok");
    }
    await settle();
    expect(await states()).toEqual(["delivered", "delivered", "delivered"]);
    expect(events.map(({ type }) => type)).not.toContain("stopped");
  });

  it("tells a failure of one attempt once, also when the answer was lost and it was given the notification again", async () => {
    let loseAnswer = (): void => {};
    let calls = 0;
    const { events } = start({
      port: portWith({
        async fail(lease, failure) {
          const failed = await port.fail(lease, failure);
          if (++calls === 1)
            await new Promise<void>((_, reject) => (loseAnswer = () => reject(new Error("answer lost"))));
          return failed;
        },
      }),
    });
    await notify("hello");
    await until(() => gateway.runs.length === 1);
    gateway.runs[0]!.refuse(new ConnectionCutError({ reason: "cut by the test" }));
    await settle();
    clock.advance(5_000);
    await settle();
    loseAnswer();
    await settle();
    clock.advance(1_000);
    await until(() => gateway.runs.length === 1);
    gateway.runs[0]!.answer("at last");
    await until(() => events.some(({ type }) => type === "delivered"));
    expect(events.flatMap((event) => (event.type === "began" ? [event.claim.attempt] : []))).toEqual([1, 2]);
  });

  it("promise 4: sends nothing beside a run that lost its lease and does not know yet", async () => {
    const strict = createSqliteControlPlane({ path: ":memory:", clock, maxAttempts: 1 });
    onTestFinished(() => strict.close());
    await strict.platform.upsertAccount({ account: "acme" });
    await strict.platform.upsertAgent({ account: "acme", agent: "writer" });
    const { token } = await strict.admin({ id: "user-1" }, "acme").issueServiceToken();
    const own = strict.runtime(token);
    let isAway = false;
    const gone = (): void => {
      if (isAway) throw new Error("control plane away");
    };
    start({
      random: () => 0,
      pollMs: 1_000,
      port: {
        ...own,
        claim: async (request) => (gone(), await own.claim(request)),
        renew: async (lease, forMs) => (gone(), await own.renew(lease, forMs)),
      },
    });
    for (const input of ["first", "second"])
      await strict.platform.notify({
        account: "acme",
        agent: "writer",
        thread: "t",
        input,
        idempotencyKey: input,
      });
    await until(() => gateway.runs.length === 1);
    isAway = true;
    for (let second = 0; second < 31; second++) {
      clock.advance(1_000);
      await settle();
    }
    isAway = false;
    for (let second = 0; second < 30 && gateway.inputs.length === 1; second++) {
      clock.advance(1_000);
      await settle();
      expect(gateway.runs.length).toBeLessThanOrEqual(1);
    }
    expect(gateway.inputs).toEqual(["first", "second"]);
  });

  it("stores the attempt before anything is sent", async () => {
    const begun: string[] = [];
    start({
      port: portWith({
        async begin(lease, attempt) {
          begun.push(lease.notification);
          expect(gateway.inputs).toEqual([]);
          await port.begin(lease, attempt);
        },
      }),
    });
    const id = await notify("hello");
    await until(() => gateway.runs.length === 1);
    expect(begun).toEqual([id]);
  });

  it.each([
    ["NO_REPLY", "noReply"],
    ["  HEARTBEAT_OK\n", "heartbeatOk"],
    ["", "empty"],
    ["No response from OpenClaw.", "empty"],
  ])("posts nothing for %j", async (text, kind) => {
    const { events } = start({ emptyRetries: 0 });
    await notify("hello");
    await until(() => gateway.runs.length === 1);
    gateway.runs[0]!.answer(text);
    await until(() => events.some((event) => event.type === "delivered"));
    expect(events).toContainEqual(expect.objectContaining({ type: "delivered", message: "none" }));
    expect(events).toContainEqual(expect.objectContaining({ outcome: { kind, responseId: "resp_1" } }));
    expect(await texts()).toEqual([]);
  });

  it("asks an agent that said nothing at all once more, and says that it did", async () => {
    const { events } = start();
    await notify("hello");
    await until(() => gateway.runs.length === 1);
    gateway.runs[0]!.answer("");
    await until(() => events.some((event) => event.type === "failed"));
    expect(events).toContainEqual(
      expect.objectContaining({
        failure: expect.objectContaining({
          outcome: "ran",
          reason: expect.objectContaining({ code: "ERR_EMPTY_REPLY" }),
        }),
        next: "retry",
      }),
    );
    clock.advance(1_000);
    await until(() => gateway.runs.length === 1);
    gateway.runs[0]!.answer("Hello.");
    await settle();
    expect((await controlPlane.platform.messages()).messages).toMatchObject([
      { text: "Hello.", repeated: true },
    ]);
  });

  it("asks no more often than it may, and never about a silence that was chosen", async () => {
    const { events } = start({ emptyRetries: 1 });
    await notify("hello");
    for (let tries = 0; tries < 2; tries++) {
      await until(() => gateway.runs.length === 1);
      gateway.runs[0]!.answer("");
      await settle();
      clock.advance(1_000);
    }
    await until(() => events.some((event) => event.type === "delivered"));
    expect(gateway.inputs).toHaveLength(2);
    await notify("again");
    await until(() => gateway.runs.length === 1);
    gateway.runs[0]!.answer("NO_REPLY");
    await settle();
    expect(gateway.inputs).toHaveLength(3);
    expect(events.filter((event) => event.type === "delivered")).toHaveLength(2);
  });

  it("cuts a reply over the limit and says so", async () => {
    start();
    await notify("hello");
    await until(() => gateway.runs.length === 1);
    gateway.runs[0]!.answer("é".repeat(300 * 1024));
    await settle();
    const { messages } = await controlPlane.platform.messages();
    expect(messages[0]).toMatchObject({ truncated: true });
    expect(messages[0]!.text).toHaveLength(256 * 1024);
  });
});

describe("retries", () => {
  it("tries again after the wait, with its session key held back, and is dead in the end", async () => {
    const { events } = start();
    await notify("bad");
    await notify("behind");
    for (const waitMs of [500, 1_000]) {
      await until(() => gateway.runs.length === 1);
      gateway.runs[0]!.refuse(new RunFailedError({ problem: null }));
      await settle();
      expect(gateway.runs).toEqual([]);
      clock.advance(waitMs);
    }
    await until(() => gateway.runs.length === 1);
    gateway.runs[0]!.refuse(new RunFailedError({ problem: null }));
    await until(() => gateway.runs.length === 1);
    expect(gateway.inputs).toEqual(["bad", "bad", "bad", "behind"]);
    expect(events.filter((event) => event.type === "failed").map(({ next }) => next)).toEqual([
      "retry",
      "retry",
      "dead",
    ]);
    expect(await states()).toEqual(["dead", "leased"]);
  });

  it("says that it is repeated after a cut connection (promise 5)", async () => {
    start();
    await notify("cut");
    await until(() => gateway.runs.length === 1);
    gateway.runs[0]!.refuse(new ConnectionCutError({ reason: "cut by the test" }));
    await settle();
    clock.advance(500);
    await until(() => gateway.runs.length === 1);
    gateway.runs[0]!.answer("hello");
    await settle();
    expect((await controlPlane.platform.messages()).messages).toMatchObject([
      { text: "hello", repeated: true },
    ]);
  });

  it("does not use up attempts while the gateway is down", async () => {
    start();
    await notify("patient");
    for (let tries = 0; tries < 10; tries++) {
      await until(() => gateway.runs.length === 1);
      gateway.runs[0]!.refuse(new GatewayUnreachableError({ reason: "ECONNREFUSED" }));
      // In steps: a runtime that sees minutes pass at once has been paused.
      for (await settle(); gateway.runs.length === 0; await settle()) clock.advance(10_000);
    }
    gateway.runs[0]!.answer("at last");
    await settle();
    expect(await texts()).toEqual(["at last"]);
  });

  it("takes an error that is not the client's for a run that may have happened", async () => {
    start();
    await notify("odd");
    await until(() => gateway.runs.length === 1);
    gateway.runs[0]!.refuse(new TypeError("odd"));
    await settle();
    const [notification] = (await controlPlane.admin({ id: "u" }, "acme").notifications()).items;
    expect(notification).toMatchObject({
      attempt: { outcome: "maybeRan" },
      lastError: { code: "ERR_UNEXPECTED" },
    });
  });
});

describe("promise 5: a cut connection is resolved before anything else is sent on its session key", () => {
  /** A session in which one thing happens at a time; each mark tells how much had happened. */
  function createControl(verdicts: RunVerdict[]) {
    const asked: unknown[] = [];
    let marks = 0;
    return {
      asked,
      sessionMark: () => Promise.resolve({ marks: ++marks }),
      didRun: ({ mark }: DidRunParameters) => {
        asked.push(mark);
        return Promise.resolve(verdicts.shift() ?? expect.fail("asked once too often"));
      },
    };
  }
  const cut = new ConnectionCutError({ reason: "cut by the test" });
  const cutFirstRun = async () => {
    await until(() => gateway.runs.length === 1);
    gateway.runs[0]!.refuse(cut);
    await settle();
    clock.advance(500);
    await settle();
  };

  it("posts the text of a run that ended well, without another run", async () => {
    const control = createControl([{ verdict: "ran", text: "found", responseId: "resp_9" }]);
    const { events } = start({ control });
    await notify("cut");
    await notify("next");
    await cutFirstRun();
    expect(control.asked).toEqual([{ marks: 1 }]);
    expect((await controlPlane.platform.messages()).messages).toMatchObject([
      { text: "found", responseId: "resp_9", repeated: false },
    ]);
    expect(gateway.inputs).toEqual(["cut", "next"]);
    expect(events).toContainEqual(expect.objectContaining({ type: "resolved", verdict: "ran" }));
  });

  it.each([
    ["notRun", false],
    ["aborted", true],
  ] as const)(
    "sends it again after %s, before what waits behind it; repeated: %s",
    async (verdict, repeated) => {
      const control = createControl([{ verdict }]);
      start({ control });
      await notify("cut");
      await notify("next");
      await cutFirstRun();
      gateway.runs[0]!.answer("again");
      await settle();
      expect(gateway.inputs).toEqual(["cut", "cut", "next"]);
      expect((await controlPlane.platform.messages()).messages).toMatchObject([{ text: "again", repeated }]);
    },
  );

  it("keeps its lease and its session key while the run still goes on", async () => {
    const control = createControl([
      ...Array.from({ length: 20 }, () => ({ verdict: "active" as const })),
      { verdict: "ran", text: "found" },
    ]);
    start({ control });
    await notify("cut");
    await notify("next");
    await cutFirstRun();
    for (let look = 0; look < 20; look++) {
      expect(gateway.inputs).toEqual(["cut"]);
      clock.advance(2_000);
      await settle();
    }
    expect(await texts()).toEqual(["found"]);
    expect(gateway.inputs).toEqual(["cut", "next"]);
  });

  it("is resolved by the next runtime when the first one vanished", async () => {
    const control = createControl([{ verdict: "ran", text: "found" }]);
    await notify("cut");
    const [claim] = await port.claim({
      workerId: "w",
      incarnation: "1",
      claimId: "1",
      limit: 1,
      leaseMs,
    });
    await port.begin(claim!.lease, { sessionMark: await control.sessionMark() });
    clock.advance(leaseMs);
    start({ control });
    await settle();
    expect(await texts()).toEqual(["found"]);
    expect(gateway.inputs).toEqual([]);
  });

  it("sends nothing without a mark, and costs no attempt", async () => {
    const sessionMark = () => Promise.reject(new Error("no control connection"));
    start({ control: { ...createControl([]), sessionMark } });
    await notify("hello");
    for (let tries = 0; tries < 10; tries++) {
      await settle();
      clock.advance(300_000);
    }
    expect(gateway.inputs).toEqual([]);
    expect((await controlPlane.admin({ id: "u" }, "acme").notifications()).items).toMatchObject([
      { state: "pending", attempts: 0 },
    ]);
  });
});

describe("a control plane that fails", () => {
  const failTimes = <Args extends unknown[], T>(times: number, call: (...args: Args) => Promise<T>) => {
    let calls = 0;
    return async (...args: Args): Promise<T> => {
      if (++calls <= times) throw new Error("control plane away");
      return await call(...args);
    };
  };
  /** The same, but the call has its effect, and only the answer is lost. */
  const loseAnswer = <Args extends unknown[], T>(times: number, call: (...args: Args) => Promise<T>) => {
    let calls = 0;
    return async (...args: Args): Promise<T> => {
      const answer = await call(...args);
      if (++calls <= times) throw new Error("answer lost");
      return answer;
    };
  };
  const letTimePass = async () => {
    for (let step = 0; step < 10; step++) {
      await settle();
      clock.advance(1_000);
    }
  };

  it.each(["claim", "begin", "complete"] as const)(
    "delivers once although %s fails three times",
    async (call) => {
      start({ port: portWith({ [call]: failTimes(3, port[call] as never) }) });
      await notify("hello");
      for (let step = 0; step < 10; step++) {
        await letTimePass();
        gateway.runs[0]?.answer("once");
      }
      expect(await texts()).toEqual(["once"]);
      expect(gateway.inputs).toEqual(["hello"]);
    },
  );

  it.each(["claim", "complete"] as const)("delivers once although the answer of %s is lost", async (call) => {
    start({ port: portWith({ [call]: loseAnswer(1, port[call] as never) }) });
    await notify("hello");
    for (let step = 0; step < 3; step++) {
      await letTimePass();
      gateway.runs[0]?.answer("once");
    }
    expect(await texts()).toEqual(["once"]);
    expect(gateway.inputs).toEqual(["hello"]);
  });

  it("retries a failure that could not be told at first", async () => {
    start({ port: portWith({ fail: failTimes(2, (...args) => port.fail(...args)) }) });
    await notify("hello");
    await until(() => gateway.runs.length === 1);
    gateway.runs[0]!.refuse(new ConnectionCutError({ reason: "cut by the test" }));
    await letTimePass();
    await until(() => gateway.runs.length === 1);
  });

  it.each([new UnauthorizedError(), new WorkerFencedError({ workerId: "w" })])(
    "stops by itself and says why: $code",
    async (error) => {
      const { runtime } = start({ port: portWith({ claim: () => Promise.reject(error) }) });
      expect((await runtime.finished).error).toBe(error);
    },
  );
});

it("stops by itself with a token that was revoked before it started", async () => {
  const admin = controlPlane.admin({ id: "u" }, "acme");
  const { id, token } = await admin.issueServiceToken();
  await admin.revokeServiceToken(id);
  const { runtime } = start({ port: controlPlane.runtime(token) });
  expect((await runtime.finished).error).toBeInstanceOf(UnauthorizedError);
});

describe("leases (promise 2)", () => {
  it("keeps the lease of a long run", async () => {
    start();
    await notify("long");
    await until(() => gateway.runs.length === 1);
    for (let third = 0; third < 12; third++) {
      clock.advance(leaseMs / 3);
      await settle();
    }
    expect(await port.claim({ workerId: "w2", incarnation: "i", claimId: "c", limit: 1, leaseMs })).toEqual(
      [],
    );
    expect((await controlPlane.admin({ id: "u" }, "acme").notifications()).items).toMatchObject([
      { attempts: 1 },
    ]);
    gateway.runs[0]!.answer("done");
    await settle();
    expect(await texts()).toEqual(["done"]);
  });

  it("aborts the run and drops it when somebody else has the lease", async () => {
    const { events } = start({
      port: portWith({ renew: (lease) => Promise.reject(new LeaseLostError(lease)) }),
    });
    await notify("taken");
    await until(() => gateway.runs.length === 1);
    clock.advance(leaseMs / 3);
    await until(() => events.some((event) => event.type === "dropped"));
    expect(gateway.runs).toEqual([]);
    expect(await states()).toEqual(["leased"]);
  });

  it("sends nothing when it was paused for so long that its lease ran out meanwhile", async () => {
    const begin: DeliveryPort["begin"] = async (lease, attempt) => {
      await port.begin(lease, attempt);
      clock.advance(leaseMs);
    };
    const renew: DeliveryPort["renew"] = () => Promise.reject(new Error("nothing was renewed meanwhile"));
    const watch = (): void => {};
    await notify("late");
    const { events } = start({ port: portWith({ begin, renew, watch }), pollMs: 1_000_000 });
    await until(() => events.length > 0);
    expect(events).toMatchObject([{ type: "failed", failure: { outcome: "notSent", countsAttempt: false } }]);
    expect(gateway.inputs).toEqual([]);
  });

  it("begins anew at once when it lost its lease by a pause, and was given the notification again while it noticed", async () => {
    let pauseMs = leaseMs;
    const begin: DeliveryPort["begin"] = async (lease, attempt) => {
      await port.begin(lease, attempt);
      clock.advance(pauseMs);
      pauseMs = 0;
    };
    const renew: DeliveryPort["renew"] = () => Promise.reject(new Error("nothing was renewed meanwhile"));
    const { events } = start({ port: portWith({ begin, renew }), pollMs: 1_000_000 });
    await notify("late");
    await until(() => gateway.runs.length === 1);
    gateway.runs[0]!.answer("Here");
    await until(() => events.some(({ type }) => type === "delivered"));
    expect(events.map(({ type }) => type)).toEqual(["dropped", "began", "delivered"]);
  });

  it("goes on under its new lease when the old one ran out and the notification came back to it", async () => {
    const renew: DeliveryPort["renew"] = () => Promise.reject(new Error("control plane away"));
    start({ port: portWith({ renew }), pollMs: 5_000 });
    const id = await notify("hello");
    await until(() => gateway.runs.length === 1);
    for (let third = 0; third < 4; third++) {
      clock.advance(leaseMs / 3);
      await settle();
    }
    const { attempts } = (await controlPlane.admin({ id: "u" }, "acme").notifications()).items[0]!;
    expect(attempts).toBe(2);
    gateway.runs[0]!.answer("late but paid for");
    await settle();
    expect(gateway.inputs).toEqual(["hello"]);
    expect((await controlPlane.platform.messages()).messages).toMatchObject([
      { notification: id, text: "late but paid for" },
    ]);
  });
});

it("hands a finished run in again when its lease changed while the first call was under way", async () => {
  const never = (): void => {};
  let refuse = never;
  const complete: DeliveryPort["complete"] = async (lease, outcome) => {
    if (refuse === never)
      await new Promise<void>((_, reject) => (refuse = () => reject(new LeaseLostError(lease))));
    return await port.complete(lease, outcome);
  };
  const renew: DeliveryPort["renew"] = () => Promise.reject(new Error("control plane away"));
  start({ port: portWith({ complete, renew }) });
  await notify("hello");
  await until(() => gateway.runs.length === 1);
  gateway.runs[0]!.answer("once");
  await settle();
  // The lease runs out, and the next poll gives the notification back to this very runtime.
  for (let step = 0; step < 7; step++) {
    clock.advance(5_000);
    await settle();
  }
  refuse();
  await settle();
  expect(gateway.inputs).toEqual(["hello"]);
  expect(await texts()).toEqual(["once"]);
});

it("survives a listener that throws", async () => {
  start({
    onEvent() {
      throw new Error("listener");
    },
  });
  await notify("hello");
  await until(() => gateway.runs.length === 1);
  gateway.runs[0]!.answer("hi");
  await settle();
  expect(await texts()).toEqual(["hi"]);
});

describe("promise 13: stop drains", () => {
  it("finishes what runs, claims nothing more, and leaves no timer", async () => {
    const { runtime } = start({ concurrency: 1 });
    await notify("running");
    await notify("waiting", "t2");
    await until(() => gateway.runs.length === 1);
    const stopped = runtime.stop();
    await settle();
    gateway.runs[0]!.answer("done");
    await stopped;
    expect(await states()).toEqual(["delivered", "pending"]);
    expect(gateway.inputs).toEqual(["running"]);
    expect(clock.waiting()).toBe(0);
    expect(await runtime.finished).toEqual({ error: null });
  });

  it("aborts what does not end within the grace period, and tells the control plane", async () => {
    const { runtime } = start();
    await notify("endless");
    await until(() => gateway.runs.length === 1);
    const stopped = runtime.stop({ graceMs: 8_000 });
    clock.advance(6_000);
    await stopped;
    const [notification] = (await controlPlane.admin({ id: "u" }, "acme").notifications()).items;
    expect(notification).toMatchObject({ state: "pending", attempt: { outcome: "maybeRan" }, lease: null });
  });

  it("ends within the grace period although the control plane does not answer", async () => {
    const never = new Promise<never>(() => {});
    const { runtime } = start({ port: portWith({ complete: () => never, fail: () => never }) });
    await notify("hello");
    await until(() => gateway.runs.length === 1);
    const stopped = runtime.stop({ graceMs: 8_000 });
    clock.advance(8_000);
    await stopped;
    expect(await states()).toEqual(["leased"]);
  });

  it("leaves no timer and makes no call once it has ended, although the control plane was never told", async () => {
    let calls = 0;
    const fail: DeliveryPort["fail"] = () => {
      calls++;
      return Promise.reject(new Error("control plane away"));
    };
    const { runtime } = start({ port: portWith({ fail }) });
    await notify("hello");
    await until(() => gateway.runs.length === 1);
    gateway.runs[0]!.refuse(new ConnectionCutError({ reason: "cut by the test" }));
    await settle();
    const stopped = runtime.stop({ graceMs: 8_000 });
    for (let second = 0; second < 8; second++) {
      clock.advance(1_000);
      await settle();
    }
    await stopped;
    expect(calls).toBeGreaterThan(1);
    const before = calls;
    clock.advance(60_000);
    await settle();
    expect(calls).toBe(before);
    expect(clock.waiting()).toBe(0);
  });

  it("hands back what a claim brings while it drains; that costs no attempt", async () => {
    let answer = (): void => {};
    const slow: DeliveryPort["claim"] = async (request) => {
      const claims = await port.claim(request);
      await new Promise<void>((resolve) => (answer = resolve));
      return claims;
    };
    await notify("hello");
    const { runtime, events } = start({ port: portWith({ claim: slow }) });
    await settle();
    const stopped = runtime.stop();
    answer();
    await stopped;
    expect(events.map(({ type }) => type)).toEqual(["released", "stopped"]);
    const [notification] = (await controlPlane.admin({ id: "u" }, "acme").notifications()).items;
    expect(notification).toMatchObject({ state: "pending", attempts: 0 });
  });

  it("stops at once before it was started, and twice", async () => {
    const runtime = createRuntime({ port, client: gateway, clock });
    await Promise.all([runtime.stop(), runtime.stop()]);
    runtime.start();
    await settle();
    expect(clock.waiting()).toBe(0);
  });
});

it("names the port that it is not given", () => {
  expect(() => createRuntime({ client: gateway } as never)).toThrow("port: must be");
});

it.each(["concurrency", "leaseMs", "runTimeoutMs", "pollMs"])("refuses %s of 0", (field) => {
  expect(() => createRuntime({ port, client: gateway, [field]: 0 })).toThrow(InvalidInputError);
});

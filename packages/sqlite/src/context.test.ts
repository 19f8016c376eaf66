import type { Claim, ContextRequest, ThreadContext } from "@lobstercontrol/core";
import { createFakeClock, type FakeClock } from "@lobstercontrol/core/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSqliteControlPlane, type SqliteControlPlane } from "./control-plane.ts";

type Context = (about: ContextRequest) => Promise<ThreadContext | null> | ThreadContext | null | undefined;

describe("what the platform adds when a notification is handed out", () => {
  const account = "acme";
  let clock: FakeClock;
  let controlPlane: SqliteControlPlane;
  let context: Context;
  let logged: string[];
  let count = 0;

  beforeEach(async () => {
    clock = createFakeClock();
    logged = [];
    const warn = (...words: unknown[]): void => void logged.push(JSON.stringify(words));
    controlPlane = createSqliteControlPlane({
      path: ":memory:",
      context: (about) => context(about),
      contextLimits: { messages: 1 },
      maxAttempts: 3,
      logger: { debug() {}, info() {}, warn, error: warn },
      clock,
    });
    await controlPlane.platform.upsertAccount({ account });
    await controlPlane.platform.upsertAgent({ account, agent: "writer", ref: "user_7" });
  });
  afterEach(() => controlPlane.close());

  const notify = (thread: string) =>
    controlPlane.platform.notify({
      account,
      agent: "writer",
      thread,
      input: "x",
      idempotencyKey: `${++count}`,
    });
  const port = async () =>
    controlPlane.runtime((await controlPlane.admin({ id: "u" }, account).issueServiceToken()).token);
  const request = { workerId: "w", incarnation: "i", limit: 10, leaseMs: 30_000 };
  const stored = async () => (await controlPlane.admin({ id: "u" }, account).notifications()).items;

  it("is asked for by account, agent, ref and thread, and bounded as the control plane was told", async () => {
    const asked: ContextRequest[] = [];
    context = (about) => {
      asked.push(about);
      return {
        instructions: "Be kind.",
        messages: [
          { from: "Bea", text: "old" },
          { from: "Cem", text: "new" },
        ],
      };
    };
    await notify("t1");
    const [claimed] = await (await port()).claim({ ...request, claimId: "c" });
    expect(asked).toEqual([{ account, agent: "writer", ref: "user_7", thread: "t1" }]);
    expect(claimed).toMatchObject({
      instructions: "Be kind.",
      input: expect.stringContaining("1 earlier message is left out"),
    });
    expect(claimed?.input).toContain("> Cem: new");
    // What is stored is the notification's own.
    expect(await stored()).toMatchObject([{ input: "x", instructions: null }]);
  });

  it("is added again when the answer to the claim was lost", async () => {
    context = () => ({ instructions: "Be kind." });
    await notify("t1");
    const runtime = await port();
    const first = await runtime.claim({ ...request, claimId: "c" });
    expect(await runtime.claim({ ...request, claimId: "c" })).toEqual(first);
  });

  const failing: [string, Context][] = [
    [
      "throws",
      () => {
        throw new Error("words of another account");
      },
    ],
    [
      "rejects",
      async () => {
        throw new Error("words of another account");
      },
    ],
    ["says too much", () => ({ instructions: "x".repeat(300_000) })],
  ];
  it.each(failing)(
    "costs that notification an attempt when it %s, and the others nothing",
    async (_, fail) => {
      context = (about) => (about.thread === "bad" ? fail(about) : null);
      await notify("bad");
      await notify("good");
      const runtime = await port();
      const claims = await runtime.claim({ ...request, claimId: "c" });
      expect(claims.map(({ thread }) => thread)).toEqual(["good"]);
      for (let tries = 0; tries < 3; tries++) {
        clock.advance(10 * 60_000);
        await runtime.claim({ ...request, claimId: `again-${tries}` });
      }
      const dead = (await stored()).find(({ thread }) => thread === "bad")!;
      expect(dead).toMatchObject({ state: "dead", attempts: 3 });
      expect(["ERR_CONTEXT", "ERR_TOO_LARGE"]).toContain(dead.lastError?.code);
      // Promise 7: what the platform's code says may be about anybody.
      expect(JSON.stringify(dead)).not.toContain("another account");
      expect(logged.join()).toContain("no context for a thread");
    },
  );

  it("is not waited for longer than it may take", async () => {
    context = (about) => (about.thread === "slow" ? new Promise(() => {}) : null);
    await notify("slow");
    await notify("good");
    let claims: Claim[] | undefined;
    const claiming = (await port()).claim({ ...request, claimId: "c" }).then((got) => (claims = got));
    await vi.waitFor(() => expect(clock.waiting()).toBeGreaterThan(0));
    expect(claims).toBeUndefined();
    clock.advance(5_000);
    await claiming;
    expect(claims).toMatchObject([{ thread: "good" }]);
    expect(await stored()).toMatchObject([
      { state: "leased" },
      { state: "pending", lastError: { code: "ERR_CONTEXT" } },
    ]);
  });

  it("is not asked for a heartbeat", async () => {
    context = () => {
      throw new Error("asked");
    };
    await controlPlane.platform.upsertAgent({ account, agent: "writer", heartbeatEveryMs: 60_000 });
    const runtime = await port();
    await runtime.claim({ ...request, claimId: "c1" });
    clock.advance(60_000);
    expect(await runtime.claim({ ...request, claimId: "c2" })).toMatchObject([{ thread: "heartbeat" }]);
  });
});

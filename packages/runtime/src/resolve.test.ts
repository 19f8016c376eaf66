import {
  newLeaseId,
  newNotificationId,
  sessionKey,
  type Attempt,
  type Claim,
  type SessionMark,
} from "@lobstercontrol/core";
import { createFakeClock } from "@lobstercontrol/core/testing";
import type { RunVerdict } from "@lobstercontrol/openclaw-client/control";
import { expect, it, vi } from "vitest";
import { resolvePrevious, type Resolution, type ResolveContext } from "./resolve.ts";

const key = sessionKey({ account: "acme", agent: "writer", thread: "t1", epoch: 0 });
const oldKey = sessionKey({ account: "acme", agent: "writer", thread: "t1", epoch: 1 });
const mark: SessionMark = { position: 4 };
const previous: Attempt = {
  number: 1,
  leaseId: newLeaseId(),
  sessionKey: oldKey,
  sessionMark: mark,
  outcome: "maybeRan",
  verdictBefore: null,
};

function claimWith(over: Partial<Claim> = {}): Claim {
  const lease = { notification: newNotificationId(0), id: newLeaseId() };
  const told = { agent: "writer", thread: "t1", sessionKey: key, input: "hello", instructions: null };
  const tries = { attempt: 2, maxAttempts: 3, repeated: true, previous };
  return { lease, ...told, ...tries, ...over } as Claim;
}

const lastLook = { attempt: 4, maxAttempts: 3 };

function contextWith(verdicts: (RunVerdict | Error)[], over: Partial<ResolveContext> = {}) {
  const clock = createFakeClock();
  const seen: string[] = [];
  const didRun = vi.fn<NonNullable<ResolveContext["control"]>["didRun"]>(() => {
    const next = verdicts.length > 1 ? verdicts.shift()! : verdicts[0]!;
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  });
  const ready = { ready: true } as Awaited<ReturnType<ResolveContext["client"]["probe"]>>;
  const context: ResolveContext = {
    client: { probe: () => Promise.resolve(ready) },
    control: { didRun },
    clock,
    onAborted: "repeat",
    runTimeoutMs: 60_000,
    signal: new AbortController().signal,
    draining: () => false,
    onVerdict: (verdict) => seen.push(verdict),
    ...over,
  };
  return { context, clock, didRun, seen };
}

it.each<[string, Attempt | null, Resolution]>([
  ["there was none", null, { next: "begin", verdictBefore: null }],
  ["it was not sent", { ...previous, outcome: "notSent" }, { next: "begin", verdictBefore: null }],
  ["it was refused", { ...previous, outcome: "refused" }, { next: "begin", verdictBefore: null }],
  ["it ran", { ...previous, outcome: "ran" }, { next: "begin", verdictBefore: null }],
  ["it has no mark", { ...previous, sessionMark: null }, { next: "begin", verdictBefore: "unknown" }],
])("asks nothing about the attempt before when %s", async (_, before, resolution) => {
  const { context, didRun } = contextWith([]);
  expect(await resolvePrevious(claimWith({ previous: before }), context)).toEqual(resolution);
  expect(didRun).not.toHaveBeenCalled();
});

it("asks about the session of that attempt, whatever the next one's is, by its mark", async () => {
  const { context, didRun } = contextWith([{ verdict: "notRun" }]);
  await resolvePrevious(claimWith(), context);
  expect(didRun).toHaveBeenCalledExactlyOnceWith({ sessionKey: oldKey, mark });
});

it("asks about an attempt whose runtime vanished", async () => {
  const { context, seen } = contextWith([{ verdict: "notRun" }]);
  await resolvePrevious(claimWith({ previous: { ...previous, outcome: null } }), context);
  expect(seen).toEqual(["notRun"]);
});

it.each<[string, RunVerdict]>([
  ["reply", { verdict: "ran", text: "Hello", responseId: "resp_1" }],
  ["noReply", { verdict: "ran", text: " NO_REPLY\n", responseId: "resp_1" }],
  ["empty", { verdict: "ran", text: "", responseId: "resp_1" }],
])("takes what a run said that ended well: %s", async (kind, verdict) => {
  for (const attempts of [{}, lastLook]) {
    const resolution = await resolvePrevious(claimWith(attempts), contextWith([verdict]).context);
    expect(resolution).toMatchObject({ next: "complete", outcome: { kind, responseId: "resp_1" } });
  }
});

const dead = (outcome: string, code: string) => ({
  next: "fail",
  failure: { outcome, retryable: false, countsAttempt: true, reason: { code } },
});
const again = (verdictBefore: string) => ({ next: "begin", verdictBefore });

it.each([
  ["notRun", again("notRun"), again("notRun"), dead("notSent", "ERR_CONNECTION_CUT")],
  ["aborted", again("aborted"), dead("ran", "ERR_RUN_ABORTED"), dead("ran", "ERR_RUN_ABORTED")],
  ["failed", again("failed"), dead("ran", "ERR_RUN_FAILED"), dead("ran", "ERR_RUN_FAILED")],
  [
    "unknown",
    again("unknown"),
    dead("maybeRan", "ERR_CONNECTION_CUT"),
    dead("maybeRan", "ERR_CONNECTION_CUT"),
  ],
  // Its text is too long to be handed out.
  ["ran", again("unknown"), dead("maybeRan", "ERR_CONNECTION_CUT"), dead("maybeRan", "ERR_CONNECTION_CUT")],
] as const)(
  "after %s repeats, or is dead by option, or is dead without attempts",
  async (verdict, repeated, byOption, last) => {
    const resolve = (claim: Claim, over: Partial<ResolveContext> = {}) =>
      resolvePrevious(claim, contextWith([{ verdict }], over).context);
    expect(await resolve(claimWith())).toEqual(repeated);
    expect(await resolve(claimWith(), { onAborted: "dead" })).toMatchObject(byOption);
    expect(await resolve(claimWith(lastLook))).toMatchObject(last);
  },
);

it("without control repeats, or is dead, as if nothing were known", async () => {
  const { context } = contextWith([], { control: null });
  expect(await resolvePrevious(claimWith(), context)).toEqual(again("unknown"));
  expect(await resolvePrevious(claimWith(lastLook), context)).toMatchObject(
    dead("maybeRan", "ERR_CONNECTION_CUT"),
  );
});

const postponed = (code: string) => ({
  next: "fail",
  failure: { outcome: "notSent", retryable: true, countsAttempt: false, reason: { code } },
});

it("asks nothing of a gateway that is not ready: it has not taken up yet what a crash interrupted", async () => {
  for (const ready of [false, null]) {
    const client = { probe: () => Promise.resolve({ ready } as never) };
    const { context, didRun } = contextWith([{ verdict: "notRun" }], { client });
    expect(await resolvePrevious(claimWith(lastLook), context)).toMatchObject(
      postponed("ERR_GATEWAY_UNAVAILABLE"),
    );
    expect(didRun).not.toHaveBeenCalled();
  }
});

it("comes back later when the gateway does not answer", async () => {
  const { context } = contextWith([new Error("socket hang up")]);
  expect(await resolvePrevious(claimWith(), context)).toMatchObject(postponed("ERR_UNEXPECTED"));
});

it("waits while the run goes on", async () => {
  const { context, clock, seen } = contextWith([
    { verdict: "active" },
    { verdict: "active" },
    { verdict: "ran", text: "Hello" },
  ]);
  const resolution = resolvePrevious(claimWith(), context);
  for (let look = 1; look <= 2; look++) {
    await vi.waitFor(() => expect(seen).toHaveLength(look));
    clock.advance(2_000);
  }
  expect(await resolution).toMatchObject({ next: "complete" });
});

const interrupted: RunVerdict = { verdict: "active", isInterrupted: true };

it.each<[string, number, number]>([
  ["two minutes", 600_000, 120_000],
  ["as long as a run may take, if that is less", 30_000, 30_000],
])("waits for a gateway to take up what a crash interrupted: %s", async (_, runTimeoutMs, waitsMs) => {
  const { context, clock, seen } = contextWith([interrupted], { runTimeoutMs });
  const resolution = resolvePrevious(claimWith(), context);
  for (const [look, ms] of [waitsMs - 1, 2_000].entries()) {
    await vi.waitFor(() => expect(seen).toHaveLength(look + 1));
    clock.advance(ms);
  }
  expect(await resolution).toEqual({ next: "begin", verdictBefore: "unknown" });
  expect(seen).toEqual(["active", "active", "active"]);
});

it.each([-600_000, 600_000])("waits as long as it should when the clock is set by %i ms", async (byMs) => {
  for (const [verdict, waitsMs, end] of [
    [interrupted, 120_000, { next: "begin", verdictBefore: "unknown" }],
    [{ verdict: "active" }, 300_000, postponed("ERR_RUN_TIMEOUT")],
  ] as const) {
    const { context, clock, seen } = contextWith([verdict], { runTimeoutMs: 300_000 });
    const resolution = resolvePrevious(claimWith(), context);
    for (const [look, ms] of [waitsMs - 1, 2_000].entries()) {
      await vi.waitFor(() => expect(seen).toHaveLength(look + 1));
      if (look === 0) clock.jump(byMs);
      clock.advance(ms);
    }
    expect(await resolution).toMatchObject(end);
    expect([seen.length, clock.waiting()]).toEqual([3, 0]);
  }
});

it("waits anew for what was taken up and interrupted again", async () => {
  const { context, clock, seen } = contextWith([interrupted, { verdict: "active" }, interrupted], {
    runTimeoutMs: 600_000,
  });
  const resolution = resolvePrevious(claimWith(), context);
  for (let look = 1; look <= 4; look++) {
    await vi.waitFor(() => expect(seen).toHaveLength(look));
    clock.advance(100_000);
  }
  expect(await resolution).toEqual({ next: "begin", verdictBefore: "unknown" });
  expect(seen).toHaveLength(5);
});

it("comes back later to a run that goes on for longer than a run may take", async () => {
  const { context, clock, seen } = contextWith([{ verdict: "active" }], { runTimeoutMs: 2_000 });
  const resolution = resolvePrevious(claimWith(), context);
  await vi.waitFor(() => expect(seen).toHaveLength(1));
  clock.advance(2_000);
  expect(await resolution).toMatchObject(postponed("ERR_RUN_TIMEOUT"));
});

it.each(["draining", "told to stop"])(
  "leaves the wait to somebody else when %s (promise 13)",
  async (why) => {
    const stop = new AbortController();
    let draining = false;
    const over = { signal: stop.signal, draining: () => draining };
    const { context, clock, seen } = contextWith([{ verdict: "active" }], over);
    const resolution = resolvePrevious(claimWith(), context);
    await vi.waitFor(() => expect(seen).toHaveLength(1));
    if (why === "draining") {
      draining = true;
      clock.advance(2_000);
    } else stop.abort();
    expect(await resolution).toEqual({ next: "release" });
    expect(clock.waiting()).toBe(0);
  },
);

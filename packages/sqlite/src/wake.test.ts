import { createFakeClock } from "@lobstercontrol/core/testing";
import { expect, it, onTestFinished } from "vitest";
import { createSqliteControlPlane } from "./control-plane.ts";

const account = "acme";
const leaseMs = 30_000;

async function open() {
  const clock = createFakeClock();
  const controlPlane = createSqliteControlPlane({ path: ":memory:", clock });
  onTestFinished(() => controlPlane.close());
  await controlPlane.platform.upsertAccount({ account });
  await controlPlane.platform.upsertAgent({ account, agent: "writer" });
  const notice = { account, agent: "writer", thread: "t1", input: "Hi", idempotencyKey: "once" };
  await controlPlane.platform.notify(notice);
  const admin = controlPlane.admin({ id: "user-1" }, account);
  const port = controlPlane.runtime((await admin.issueServiceToken()).token);
  const claim = (workerId: string) =>
    port.claim({ workerId, incarnation: workerId, claimId: crypto.randomUUID(), limit: 1, leaseMs });
  let calls = 0;
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  port.watch!(() => calls++, stop.signal);
  return { clock, port, claim, calls: () => calls };
}

it("wakes whoever watches when a lease has run out, though nobody stores anything", async () => {
  const { clock, claim, calls } = await open();
  expect(await claim("w1")).toHaveLength(1);
  clock.advance(leaseMs - 100);
  const before = calls();
  expect(await claim("w2")).toEqual([]);
  clock.advance(100);
  expect(calls()).toBe(before + 1);
  expect(await claim("w2")).toHaveLength(1);
  clock.advance(leaseMs - 100);
  expect(calls()).toBe(before + 1);
});

it("wakes when the wait before a retry is over", async () => {
  const { clock, claim, port, calls } = await open();
  const [claimed] = await claim("w1");
  const reason = { code: "ERR_RUN_FAILED", message: "No." };
  const failure = {
    outcome: "ran",
    reason,
    retryable: true,
    countsAttempt: true,
    retryAfterMs: 5_000,
  } as const;
  const { inMs } = await port.fail(claimed!.lease, failure);
  clock.advance(100);
  const before = calls();
  clock.advance(inMs! - 200);
  expect(calls()).toBe(before);
  clock.advance(200);
  expect(calls()).toBe(before + 1);
});

it("goes on waking after the clock was set back", async () => {
  const { clock, claim, calls } = await open();
  clock.advance(100);
  clock.jump(-24 * 60 * 60_000);
  clock.advance(100);
  await claim("w1");
  const before = calls();
  clock.advance(leaseMs);
  expect(calls()).toBe(before + 1);
});

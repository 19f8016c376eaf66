import { accountId, dropletSpec, provisionTransition, type ProvisionEvent } from "@lobstercontrol/core";
import { createFakeClock } from "@lobstercontrol/core/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { driveReconcile } from "./drive-reconcile.ts";

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
};

/** Drives these accounts, by their revision; each step takes what `answer` says until the next. */
function drive(revisions: Record<string, number>, answer: (account: string) => number | null) {
  const clock = createFakeClock();
  const stop = new AbortController();
  const steps: string[] = [];
  const errors: unknown[] = [];
  const state = { broken: false };
  const ended = driveReconcile({
    provisioner: {
      async reconcile(account) {
        steps.push(account);
        return { state: "running", nextInMs: answer(account) };
      },
    },
    store: {
      async page({ after, limit }) {
        if (state.broken) throw new Error("the store failed");
        const records = Object.entries(revisions).map(([account, revision]) => ({
          ...provisionTransition(null, requested(account), 0).record,
          revision,
        }));
        return records.filter(({ account }) => after === null || account > after).slice(0, limit);
      },
    },
    clock,
    signal: stop.signal,
    logger: { debug() {}, info() {}, warn() {}, error: (fields) => errors.push(fields) },
  });
  onTestFinished(async () => {
    stop.abort();
    await ended;
  });
  const advance = async (byMs: number): Promise<void> => {
    for (let left = byMs; left > 0; left -= 100) {
      clock.advance(100);
      await turns();
    }
  };
  return { clock, state, steps, errors, stop, ended, advance };
}

const requested = (account: string): ProvisionEvent => ({
  type: "requested",
  account: accountId.parse(account),
  spec: dropletSpec.parse({ region: "fra1" }),
  actor: "user-1",
  nonce: "n1",
  createBy: 0,
});

describe("driveReconcile", () => {
  it("makes each account's next step when its last one said so", async () => {
    const { steps, advance } = drive({ fast: 1, slow: 1 }, (account) => (account === "fast" ? 1_000 : 5_000));
    await turns();
    expect(steps).toEqual(["fast", "slow"]);
    await advance(5_500);
    expect(steps.filter((account) => account === "fast")).toHaveLength(6);
    expect(steps.filter((account) => account === "slow")).toHaveLength(2);
  });

  it("notices accounts that come later, and wishes about those that it knows", async () => {
    const revisions: Record<string, number> = { one: 1 };
    const { steps, advance } = drive(revisions, () => 3_600_000);
    await turns();
    revisions["two"] = 1;
    await advance(11_000);
    expect(steps).toEqual(["one", "two"]);
    revisions["one"] = 2;
    await advance(11_000);
    expect(steps).toEqual(["one", "two", "one"]);
  });

  it("leaves those alone that ask for nothing, until they change", async () => {
    const revisions = { one: 1 };
    const { steps, advance } = drive(revisions, () => null);
    await advance(300_000);
    expect(steps).toEqual(["one"]);
    revisions.one = 2;
    await advance(11_000);
    expect(steps).toEqual(["one", "one"]);
  });

  it("does not spin on a step that asks for another at once", async () => {
    const { steps, advance } = drive({ one: 1 }, () => 0);
    await advance(1_000);
    expect(steps.length).toBeLessThanOrEqual(21);
  });

  it("goes on with the others when one throws, and tells", async () => {
    const { steps, errors, advance } = drive({ broken: 1, whole: 1 }, (account) => {
      if (account === "broken") throw new Error("the store failed");
      return 1_000;
    });
    await advance(2_500);
    expect(steps.filter((account) => account === "whole").length).toBeGreaterThanOrEqual(3);
    expect(steps.filter((account) => account === "broken")).toHaveLength(1);
    expect(errors).toHaveLength(1);
  });

  it("goes on when the records cannot be read for a while", async () => {
    const revisions: Record<string, number> = { one: 1 };
    const { state, steps, errors, advance } = drive(revisions, () => 3_600_000);
    await turns();
    state.broken = true;
    revisions["two"] = 1;
    await advance(25_000);
    expect(errors.length).toBeGreaterThan(0);
    state.broken = false;
    await advance(11_000);
    expect(steps).toEqual(["one", "two"]);
  });

  it("goes on as before when the clock is put back", async () => {
    const revisions: Record<string, number> = { one: 1 };
    const { clock, steps, advance } = drive(revisions, () => 60_000);
    await turns();
    clock.jump(-6 * 60 * 60_000);
    revisions["two"] = 1;
    // The wait that was under way does not count.
    await advance(21_000);
    expect(steps).toEqual(["one", "two"]);
    await advance(60_000);
    expect(steps).toEqual(["one", "two", "one", "two"]);
  });

  it("ends when it is told to", async () => {
    const { stop, ended } = drive({ one: 1 }, () => 3_600_000);
    await turns();
    stop.abort();
    await expect(ended).resolves.toBe(undefined);
  });
});

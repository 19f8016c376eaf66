import { createFakeClock } from "@lobstercontrol/core/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { driveReconcile, type DriveReconcileOptions } from "./drive-reconcile.ts";

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
};

/** Drives these accounts; each step takes what `answer` says until the next. */
function drive(accounts: DriveReconcileOptions["accounts"], answer: (account: string) => number | null) {
  const clock = createFakeClock();
  const stop = new AbortController();
  const steps: string[] = [];
  const errors: unknown[] = [];
  const ended = driveReconcile({
    provisioner: {
      async reconcile(account) {
        steps.push(account);
        return { state: "running", nextInMs: answer(account) };
      },
    },
    accounts,
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
  return { steps, errors, stop, ended, advance };
}

describe("driveReconcile", () => {
  it("makes each account's next step when its last one said so", async () => {
    const { steps, advance } = drive(
      () => ["slow", "fast"],
      (account) => (account === "fast" ? 1_000 : 5_000),
    );
    await turns();
    expect(steps).toEqual(["slow", "fast"]);
    await advance(5_500);
    expect(steps.filter((account) => account === "fast")).toHaveLength(6);
    expect(steps.filter((account) => account === "slow")).toHaveLength(2);
  });

  it("notices accounts that come later", async () => {
    const accounts = ["one"];
    const { steps, advance } = drive(
      () => accounts,
      () => 3_600_000,
    );
    await turns();
    accounts.push("two");
    await advance(11_000);
    expect(steps).toEqual(["one", "two"]);
  });

  it("does not spin on a step that asks for another at once", async () => {
    const { steps, advance } = drive(
      () => ["one"],
      () => 0,
    );
    await advance(1_000);
    expect(steps.length).toBeLessThanOrEqual(21);
  });

  it("goes on with the others when one throws, and tells", async () => {
    const { steps, errors, advance } = drive(
      () => ["broken", "whole"],
      (account) => {
        if (account === "broken") throw new Error("the store failed");
        return 1_000;
      },
    );
    await advance(2_500);
    expect(steps.filter((account) => account === "whole").length).toBeGreaterThanOrEqual(3);
    expect(steps.filter((account) => account === "broken")).toHaveLength(1);
    expect(errors).toHaveLength(1);
  });

  it("goes on when the accounts cannot be read for a while", async () => {
    let fails = true;
    const { steps, advance } = drive(
      () => {
        if (fails) throw new Error("the store failed");
        return ["one"];
      },
      () => 1_000,
    );
    await turns();
    fails = false;
    await advance(10_500);
    expect(steps.length).toBeGreaterThan(0);
  });

  it("ends when it is told to", async () => {
    const { stop, ended } = drive(
      () => ["one"],
      () => 3_600_000,
    );
    await turns();
    stop.abort();
    await expect(ended).resolves.toBe(undefined);
  });
});

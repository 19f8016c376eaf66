import { describe, expect, it } from "vitest";
import { accountId } from "../ids.ts";
import { nextStep, type ProvisionTiming } from "./next-step.ts";
import type { ProvisionRecord } from "./record.ts";
import { dropletSpec } from "./spec.ts";
import { provisionTransition, type ProvisionEvent } from "./transition.ts";

const t0 = 1_700_000_000_000;
const timing: ProvisionTiming = {
  createMs: 600_000,
  bootMs: 900_000,
  settleMs: 90_000,
  pollMs: 10_000,
  waitMs: 30_000,
  steadyMs: 3_600_000,
};

const requested: ProvisionEvent = {
  type: "requested",
  account: accountId.parse("acme"),
  spec: dropletSpec.parse({ region: "fra1" }),
  actor: "user-1",
  nonce: "n1",
  createBy: t0 + timing.createMs,
};
const sending = (nonce = "n1", now = t0): ProvisionEvent => ({
  type: "sending",
  nonce,
  region: "fra1",
  team: null,
  size: "s-1vcpu-2gb",
  bootstrapTokenHash: `hash of ${nonce}`,
  deadline: now + timing.bootMs,
});
const created = (id = 1, nonce = "n1"): ProvisionEvent => ({
  type: "seen",
  droplets: [{ id, createdAt: `2026-01-01T00:00:0${id}Z`, nonce }],
});
const failed: ProvisionEvent = { type: "failed", reason: "unauthorized", message: "No." };

/** A record after these events, all at one time. */
function recordAfter(...events: ProvisionEvent[]): ProvisionRecord {
  let record: ProvisionRecord | null = null;
  for (const event of [requested, ...events]) record = provisionTransition(record, event, t0).record;
  return record!;
}

/** What to do when the list shows these droplets, so many milliseconds later. */
const next = (record: ProvisionRecord, listed: number[], afterMs = 1_000) =>
  nextStep(record, new Set(listed), t0 + afterMs, timing);

describe("promise 10: what is next", () => {
  it("sends the create of an attempt that was never sent", () => {
    expect(next(recordAfter(), [])).toEqual({ do: "create", nonce: "n1" });
  });

  it("does not believe a list that shows nothing until the create has settled, and gives up then", () => {
    const record = recordAfter(sending());
    expect(next(record, [], 1_000)).toEqual({ do: "rest", nextInMs: 10_000 });
    expect(next(record, [], 85_000)).toEqual({ do: "rest", nextInMs: 5_000 });
    expect(next(record, [], 90_000)).toEqual({ do: "giveUp", nonce: "n1" });
  });

  it("begins another attempt after one that came to nothing", () => {
    expect(next(recordAfter(sending(), { type: "notCreated", nonce: "n1" }), [])).toEqual({ do: "attempt" });
  });

  it("does not take a droplet that was just created for gone, whatever it is asked", () => {
    const record = recordAfter(sending(), created());
    expect(next(record, [], 1_000)).toEqual({ do: "rest", nextInMs: 10_000 });
    expect(next(record, [], 90_000)).toEqual({ do: "confirm", droplets: [1] });
    expect(next(record, [1], 1_000)).toEqual({ do: "rest", nextInMs: 30_000 });
  });

  it("looks again when the deadline has passed, and expires the record then (promise 11)", () => {
    const record = recordAfter(sending(), created());
    expect(next(record, [1], timing.bootMs - 999)).toEqual({ do: "rest", nextInMs: 1_000 });
    expect(next(record, [1], timing.bootMs + 1)).toEqual({ do: "expire" });
  });

  it("deletes what earlier attempts have left before anything is created, and makes sure that it is gone", () => {
    const retried: ProvisionEvent = { type: "retried", actor: "u", nonce: "n2", createBy: t0 + 600_000 };
    const record = recordAfter(sending(), created(), failed, retried);
    expect(next(record, [1], 100_000)).toEqual({ do: "delete", droplets: [1] });
    const deleting = provisionTransition(record, { type: "deleting", droplets: [1] }, t0).record;
    expect(next(deleting, [], 100_000)).toEqual({ do: "confirm", droplets: [1] });
    const gone = provisionTransition(deleting, { type: "gone", droplets: [1] }, t0).record;
    expect(next(gone, [1], 100_000)).toEqual({ do: "create", nonce: "n2" });
  });

  it("creates nothing while an earlier attempt may still show itself", () => {
    const retried: ProvisionEvent = { type: "retried", actor: "u", nonce: "n2", createBy: t0 + 600_000 };
    const record = recordAfter(sending(), failed, retried);
    expect(next(record, [], 1_000)).toEqual({ do: "rest", nextInMs: 10_000 });
    expect(next(record, [], 90_000)).toEqual({ do: "create", nonce: "n2" });
  });

  it("does not wait for an attempt that was certainly not done", () => {
    const refused: ProvisionEvent = { type: "refused", nonce: "n1", nextChoice: true };
    const record = recordAfter(sending(), refused, { type: "attempted", nonce: "n2" });
    expect(next(record, [])).toEqual({ do: "create", nonce: "n2" });
  });

  it("makes sure of the one that stays before it deletes another for its sake", () => {
    const record = recordAfter(sending(), created(1), created(2));
    expect(next(record, [2], 100_000)).toEqual({ do: "confirm", droplets: [1] });
    expect(next(record, [1, 2], 1_000)).toEqual({ do: "delete", droplets: [2] });
  });

  it.each([failed, { type: "destroyRequested", actor: "u" } as const])(
    "calls nothing clean that may still show itself: $type",
    (event) => {
      const record = recordAfter(sending(), event);
      expect(next(record, [], 1_000)).toEqual({ do: "rest", nextInMs: 10_000 });
      expect(next(record, [], 90_000)).toEqual({ do: "clean" });
    },
  );

  it("deletes a handful at a time", () => {
    const many = Array.from({ length: 8 }, (_, index) => created(index + 1));
    const step = next(recordAfter(sending(), ...many, failed), []);
    expect(step).toEqual({ do: "delete", droplets: [1, 2, 3, 4, 5] });
  });

  it("has nothing to do once it is over, until something comes to light", () => {
    const over = recordAfter(sending(), failed, { type: "cleaned" });
    expect(next(over, [])).toEqual({ do: "rest", nextInMs: null });
    const late = provisionTransition(over, created(), t0).record;
    expect(next(late, [])).toEqual({ do: "delete", droplets: [1] });
  });
});

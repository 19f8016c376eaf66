import { describe, expect, it } from "vitest";
import { accountId } from "../ids.ts";
import { ProvisionStateError } from "./errors.ts";
import { exchangeToken, noteReport } from "./home-call.ts";
import { serviceTokensOf, type ProvisionRecord } from "./record.ts";
import { dropletSpec } from "./spec.ts";
import { dropletFinding, provisionStatus } from "./status.ts";
import { provisionTransition, type ProvisionEvent } from "./transition.ts";

const t0 = 1_700_000_000_000;
const requested = (nonce = "n1"): ProvisionEvent => ({
  type: "requested",
  account: accountId.parse("acme"),
  spec: dropletSpec.parse({ region: "fra1" }),
  actor: "user-1",
  nonce,
  createBy: t0 + 600_000,
});
const sending = (nonce = "n1"): ProvisionEvent => ({
  type: "sending",
  nonce,
  region: "fra1",
  team: null,
  size: "s-1vcpu-2gb",
  bootstrapTokenHash: `hash of ${nonce}`,
  deadline: t0 + 900_000,
});

function recordAfter(...events: ProvisionEvent[]): ProvisionRecord {
  let record: ProvisionRecord | null = null;
  for (const event of [requested(), ...events]) record = provisionTransition(record, event, t0).record;
  return record!;
}

function running(): ProvisionRecord {
  const call = { bootstrapTokenHash: "hash of n1", serviceTokenHash: "service", dropletId: null };
  return noteReport(exchangeToken(recordAfter(sending()), call, t0).record, "service", t0).record;
}

describe("an event that comes twice, or too late", () => {
  const destroy: ProvisionEvent = { type: "destroyRequested", actor: "u" };
  const events: [string, ProvisionRecord, ProvisionEvent][] = [
    ["a request", recordAfter(), requested("n2")],
    ["a request for what runs", running(), requested("n2")],
    ["a destroy", recordAfter(destroy), destroy],
    ["a destroy of what is destroyed", recordAfter(destroy, { type: "cleaned" }), destroy],
    ["a further attempt", recordAfter(), { type: "attempted", nonce: "n2" }],
    [
      "a refusal of an attempt that was decided",
      recordAfter(sending(), { type: "notCreated", nonce: "n1" }),
      { type: "refused", nonce: "n1", nextChoice: true },
    ],
    [
      "a failure of what is being destroyed",
      recordAfter(destroy),
      { type: "failed", reason: "timeout", message: "x" },
    ],
    ["a deadline that has not passed", recordAfter(), { type: "expired" }],
    ["the end of what runs", running(), { type: "cleaned" }],
    ["calm", recordAfter(), { type: "troubled", trouble: null }],
    [
      "a droplet of a nonce that nobody recorded",
      recordAfter(),
      { type: "seen", droplets: [{ id: 1, createdAt: "", nonce: "x" }] },
    ],
  ];

  it.each(events)("changes nothing: %s", (_, record, event) => {
    const change = provisionTransition(record, event, t0 + 1_000);
    expect(change.record).toBe(record);
    expect(change.activities).toEqual([]);
  });
});

describe("what cannot be asked for", () => {
  it.each<[ProvisionRecord | null, ProvisionEvent]>([
    [null, { type: "retried", actor: "u", nonce: "n2", createBy: t0 }],
    [recordAfter(), { type: "retried", actor: "u", nonce: "n2", createBy: t0 }],
    [running(), { type: "retried", actor: "u", nonce: "n2", createBy: t0 }],
    [recordAfter({ type: "destroyRequested", actor: "u" }), requested("n2")],
    [running(), { ...requested("n2"), spec: dropletSpec.parse({ region: "ams3" }) } as ProvisionEvent],
    [null, { type: "cleaned" }],
  ])("is refused with its own error", (record, event) => {
    expect(() => provisionTransition(record, event, t0)).toThrow(ProvisionStateError);
  });
});

describe("attempts", () => {
  it("that certainly left nothing are forgotten after a while; those that may have are not", () => {
    let record = recordAfter(sending(), { type: "notCreated", nonce: "n1" });
    for (let count = 0; count < 300; count++) {
      const nonce = `r${count}`;
      for (const event of [
        { type: "attempted", nonce } as const,
        sending(nonce),
        { type: "refused", nonce, nextChoice: false } as const,
      ])
        record = provisionTransition(record, event, t0).record;
    }
    expect(record.attempts.length).toBeLessThan(10);
    expect(record.attempts[0]!.nonce).toBe("n1");
  });

  it("are bounded whatever happens, and the newest stay", () => {
    let record = recordAfter();
    for (let count = 0; count < 300; count++) {
      const nonce = `u${count}`;
      for (const event of [
        { type: "notCreated", nonce: record.attempts.at(-1)!.nonce } as const,
        { type: "attempted", nonce } as const,
        sending(nonce),
      ])
        record = provisionTransition(record, event, t0).record;
    }
    expect(record.attempts).toHaveLength(100);
    expect(record.attempts.at(-1)!.nonce).toBe("u299");
  });
});

describe("the service token that a droplet brought", () => {
  it("is good while it is made, runs or is destroyed, and no longer", () => {
    const record = running();
    expect(serviceTokensOf(record)).toEqual(["service"]);
    const destroying = provisionTransition(record, { type: "destroyRequested", actor: "u" }, t0).record;
    expect(serviceTokensOf(destroying)).toEqual(["service"]);
    expect(serviceTokensOf(provisionTransition(destroying, { type: "cleaned" }, t0).record)).toEqual([]);
    const failed = provisionTransition(record, { type: "failed", reason: "dropletGone", message: "x" }, t0);
    expect(serviceTokensOf(failed.record)).toEqual([]);
  });
});

describe("promise 11: what an admin sees", () => {
  it("is never provisioning past the deadline, whatever is stored", () => {
    for (const record of [
      recordAfter(),
      recordAfter(sending()),
      recordAfter(sending(), { type: "notCreated", nonce: "n1" }),
    ]) {
      const deadline = provisionStatus(record, t0).deadline!;
      expect(provisionStatus(record, deadline).state).toBe("provisioning");
      expect(provisionStatus(record, deadline + 1)).toMatchObject({
        state: "failed",
        deadline: null,
        since: deadline,
      });
      expect(dropletFinding(record, deadline + 1)).toMatchObject({
        status: "error",
        condition: { type: "Provisioned", status: "false", reason: "Deadline" },
      });
    }
  });

  it("has a condition with reason and runbook in every state but running, where the runtime speaks for itself", () => {
    const destroying = recordAfter({ type: "destroyRequested", actor: "u" });
    const records = [
      recordAfter(),
      recordAfter(sending()),
      recordAfter({ type: "failed", reason: "noCapacity", message: "No room." }),
      destroying,
      provisionTransition(destroying, { type: "cleaned" }, t0).record,
    ];
    expect(records.map((record) => dropletFinding(record, t0)?.status)).toEqual([
      "provisioning",
      "provisioning",
      "error",
      "destroying",
      "destroyed",
    ]);
    for (const record of records) {
      const { condition } = dropletFinding(record, t0)!;
      expect(condition.reason).toMatch(/^[A-Z]\w+$/);
      expect(condition.message).toMatch(/\.$/);
      expect(condition.runbook).toMatch(/runbooks\/Provisioned$/);
    }
    expect(dropletFinding(running(), t0)).toBe(null);
    expect(dropletFinding(null, t0)).toBe(null);
  });

  it("is why DigitalOcean did not do it, when it never got as far as a droplet", () => {
    const trouble = { count: 3, reason: "noCapacity", message: "No room.", notBefore: t0 } as const;
    const record = recordAfter({ type: "troubled", trouble });
    expect(dropletFinding(record, t0)!.condition).toMatchObject({
      reason: "NoCapacity",
      message: "No room.",
    });
    expect(provisionStatus(record, t0 + 600_001).failure).toMatchObject({ reason: "noCapacity" });
  });
});

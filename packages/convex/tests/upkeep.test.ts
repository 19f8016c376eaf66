/** What time alone does, and what brings old rows up to date. */
import { accountId, dropletSpec, parse, provisionTransition } from "@lobstercontrol/core";
import { reportOf } from "@lobstercontrol/core/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { api, internal } from "../src/component/_generated/api.ts";
import crons from "../src/component/crons.ts";
import { addAccount, claimArgs, createComponent, leaseOf, notifyArgs } from "./component.ts";

const day = 24 * 60 * 60_000;
let now = 1_700_000_000_000;
let t: ReturnType<typeof createComponent>;
let account: string;
let tokenHash: string;

beforeEach(async () => {
  now = 1_700_000_000_000;
  vi.spyOn(Date, "now").mockImplementation(() => now);
  t = createComponent();
  ({ account, tokenHash } = await addAccount(t));
});
afterEach(() => vi.restoreAllMocks());

const stateOf = async () =>
  (await t.query(api.admin.notifications, { account })).items.map(({ state }) => state);

describe("the sweep", () => {
  it("is what the component's cron runs every minute", () => {
    expect(crons.crons["sweep"]).toMatchObject({
      name: "upkeep:sweep",
      schedule: { type: "interval", minutes: 1 },
    });
  });

  it("shows a lease that nobody renews as lost, after a time of grace in which its holder may still renew it", async () => {
    await t.mutation(api.platform.notify, notifyArgs(account, "t1"));
    const { claims } = await t.mutation(api.delivery.claim, claimArgs(tokenHash));
    const lease = leaseOf(claims[0]!.claim.lease);
    await t.mutation(api.delivery.begin, { tokenHash, lease, attempt: { sessionMark: null } });
    now += 30_001;
    await t.mutation(internal.upkeep.sweep, {});
    expect(await stateOf()).toEqual(["leased"]);
    await t.mutation(api.delivery.renew, { tokenHash, lease, leaseMs: 30_000 });
    now += 30_000 + 60_001;
    await t.mutation(internal.upkeep.sweep, {});
    expect(await stateOf()).toEqual(["pending"]);
    // Finished work is paid for, late as it is (promise 2).
    const outcome = { kind: "reply", text: "Hello", responseId: null } as const;
    expect(await t.mutation(api.delivery.complete, { tokenHash, lease, outcome })).toMatchObject({
      answer: { message: "posted" },
    });
  });

  it("touches the report of a runtime that is overdue, once, so that who is subscribed to its status looks again", async () => {
    await t.mutation(api.delivery.report, { tokenHash, report: reportOf({ nextInMs: 10_000 }) });
    const due = async () =>
      await t.run(async (ctx) => (await ctx.db.query("reports").take(1)).map(({ dueAt }) => dueAt));
    now += 29_999;
    await t.mutation(internal.upkeep.sweep, {});
    expect(await due()).toEqual([now + 1]);
    now += 1;
    await t.mutation(internal.upkeep.sweep, {});
    expect(await due()).toEqual([null]);
    expect((await t.query(api.admin.runtime, { account })).status).toBe("offline");
  });

  it("touches what is stored of a droplet that is overdue, once, so that who is subscribed to its status looks again", async () => {
    const createBy = now + 10 * 60_000;
    const { record, activities } = provisionTransition(
      null,
      {
        type: "requested",
        account: parse(accountId, account, "account"),
        spec: parse(dropletSpec, { region: "fra1" }, "spec"),
        actor: "user-1",
        nonce: "0123456789abcdef",
        createBy,
      },
      now,
    );
    const stored = { ...record, revision: 1 };
    await t.mutation(api.provision.write, { record: JSON.stringify(stored), activities: [...activities] });
    const due = async () =>
      await t.run(async (ctx) => (await ctx.db.query("provisions").take(1)).map(({ dueAt }) => dueAt));
    now = createBy;
    await t.mutation(internal.upkeep.sweep, {});
    expect(await due()).toEqual([createBy]);
    expect((await t.query(api.admin.runtime, { account })).status).toBe("provisioning");
    now += 1;
    await t.mutation(internal.upkeep.sweep, {});
    expect(await due()).toEqual([null]);
    expect((await t.query(api.admin.runtime, { account })).status).toBe("error");
    // What drives the provisioning is not disturbed: the record is the one that it was.
    expect(JSON.parse((await t.query(api.provision.read, { account }))!)).toEqual(stored);
  });
});

describe("forgetting", () => {
  it("takes what is done and old, and nothing that is still to be delivered", async () => {
    for (const thread of ["done", "waits"])
      await t.mutation(api.platform.notify, notifyArgs(account, thread));
    const { claims } = await t.mutation(api.delivery.claim, claimArgs(tokenHash, { limit: 1 }));
    const lease = leaseOf(claims[0]!.claim.lease);
    const outcome = { kind: "reply", text: "Hello", responseId: null } as const;
    await t.mutation(api.delivery.complete, { tokenHash, lease, outcome });
    now += 10 * day;
    await t.mutation(api.upkeep.forget, { days: 11 });
    expect(await stateOf()).toEqual(["pending", "delivered"]);
    now += 2 * day;
    expect(await t.mutation(api.upkeep.forget, { days: 11 })).toBe(false);
    expect(await stateOf()).toEqual(["pending"]);
    expect((await t.query(api.admin.messages, { account })).items).toEqual([]);
    expect(await t.run(async (ctx) => (await ctx.db.query("contents").take(10)).length)).toBe(1);
    // The same cause is a new one now, and nothing of it is taken for the old one.
    await t.mutation(api.platform.notify, notifyArgs(account, "done"));
    expect(await stateOf()).toEqual(["pending", "pending"]);
  });

  it("keeps at least a week", async () => {
    await expect(t.mutation(api.upkeep.forget, { days: 6 })).rejects.toMatchObject({
      data: { code: "ERR_INVALID_INPUT" },
    });
  });
});

describe("an upgrade", () => {
  it("brings every row up to date, a part at a time, and is done once", async () => {
    await t.mutation(api.platform.notify, notifyArgs(account, "t1"));
    await t.run(async (ctx) => {
      const fields = { agent: "writer" as never, account: account as never, epoch: 0, lastPosition: 0 };
      for (let index = 0; index < 450; index++)
        await ctx.db.insert("sessionKeys", { ...fields, thread: `t${index}x` as never, readyAt: 1 });
      // As a version would have left it that knew nothing of this field.
      const [key] = await ctx.db.query("sessionKeys").take(1);
      await ctx.db.patch("sessionKeys", key!._id, { readyAt: null });
    });
    let calls = 0;
    while (await t.mutation(api.upgrade.step, {})) calls++;
    expect(calls).toBe(3);
    expect((await t.mutation(api.delivery.claim, claimArgs(tokenHash))).claims).toHaveLength(1);
    const wrong = await t.run(
      async (ctx) =>
        (await ctx.db.query("sessionKeys").take(1_000)).filter(({ readyAt }) => readyAt === 1).length,
    );
    expect(wrong).toBe(0);
  });
});

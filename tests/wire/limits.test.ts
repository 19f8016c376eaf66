/** What a deployment refuses and the mock does not by itself: documents, reads, writes and answers that are too large. */
import {
  limits,
  newNotification,
  newNotificationId,
  type AccountId,
  type ThreadId,
} from "@lobstercontrol/core";
import { expect, it } from "vitest";
import { api, internal } from "../../packages/convex/src/component/_generated/api.ts";
import { readFleet } from "../../packages/convex/src/client/fleet.ts";
import type { LobsterControlComponent, RunsQueries } from "../../packages/convex/src/client/types.ts";
import type { Caller } from "../../packages/convex/src/runtime/port-over.ts";
import {
  addAccount,
  claimArgs,
  createComponent,
  leaseOf,
  notifyArgs,
  writer,
} from "../../packages/convex/tests/component.ts";

/** What Convex takes of one answer and of one document, in bytes. */
const answerBytes = 16 * 1024 * 1024;
const documentBytes = 1024 * 1024;

type Component = ReturnType<typeof createComponent>;

/** Stores many notifications, as `notify` would; without its look-ups, which the mock answers by reading every row. */
async function addMany(t: Component, account: AccountId, keys: number, perKey: number): Promise<void> {
  const at = 1_700_000_000_000;
  const batch = 500;
  for (let from = 0; from < keys; from += batch) {
    await t.run(async (ctx) => {
      for (let key = from; key < Math.min(from + batch, keys); key++) {
        const thread = `t${key}` as ThreadId;
        const fields = { account, agent: writer, thread };
        const sessionKey = await ctx.db.insert("sessionKeys", {
          ...fields,
          epoch: 0,
          lastPosition: perKey,
          readyAt: at,
        });
        for (let index = 0; index < perKey; index++) {
          const content = {
            ...fields,
            input: "Say hello",
            instructions: null,
            idempotencyKey: `${key}:${index}`,
          };
          const place = { id: newNotificationId(0), position: index + 1, maxAttempts: 3 };
          const { input, instructions, ...rest } = newNotification(content, place, at);
          const stored = { ...rest, sessionKey, live: true, handedOut: 0 };
          const notification = await ctx.db.insert("notifications", stored);
          await ctx.db.insert("contents", { account, notification, input, instructions });
        }
      }
    });
  }
}

it("works with 10,000 pending notifications of one account", async () => {
  const t = createComponent();
  const { account, tokenHash } = await addAccount(t);
  await addMany(t, account, 2_000, 5);

  const { claims } = await t.mutation(api.delivery.claim, claimArgs(tokenHash, { limit: 1_000 }));
  // Fewer than were asked for, since one mutation may not read more.
  expect(claims).toHaveLength(200);
  expect(new Set(claims.map(({ claim }) => claim.thread)).size).toBe(200);
  const page = await t.query(api.admin.notifications, { account, limit: 100 });
  expect(page.items).toHaveLength(100);
  await t.mutation(api.platform.notify, notifyArgs(account, "t1"));
  const outcome = { kind: "reply", text: "Hello", responseId: null } as const;
  const lease = leaseOf(claims[0]!.claim.lease);
  await t.mutation(api.delivery.complete, { tokenHash, lease, outcome });
}, 120_000);

it("lets a new start take over as many leases as one claim hands out, and lists a thousand", async () => {
  const t = createComponent();
  const { account, tokenHash } = await addAccount(t);
  await addMany(t, account, 1_000, 1);
  const { claims } = await t.mutation(api.delivery.claim, claimArgs(tokenHash, { limit: 1_000 }));
  expect(await t.mutation(api.delivery.claim, claimArgs(tokenHash, { limit: 1_000 }))).toEqual({
    account,
    claims,
  });
  const { request, ...rest } = claimArgs(tokenHash, { claimId: "c2", limit: 1_000 });
  const later = { ...rest, request: { ...request, incarnation: "i2" } };
  expect((await t.mutation(api.delivery.claim, later)).claims).toHaveLength(200);
  const page = await t.query(api.admin.notifications, { account, limit: limits.page });
  expect(page.items).toHaveLength(limits.page);
}, 120_000);

it("looks at 1,000 runtimes, and after those that are overdue", async () => {
  const t = createComponent();
  await t.run(async (ctx) => {
    for (let index = 0; index < 1_000; index++) {
      const account = `account-${index}` as AccountId;
      await ctx.db.insert("accounts", {
        account,
        closedAt: null,
        rosterRevision: 0,
        keysStored: 0,
        keysActive: 0,
        keysConfirmed: 0,
      });
      const report = {
        version: "1.0.0",
        gatewayVersion: null,
        status: "online",
        conditions: [],
        nextInMs: 15_000,
      };
      const receivedAt = 1_700_000_000_000;
      await ctx.db.insert("reports", {
        account,
        workerId: "w1",
        report: JSON.stringify(report),
        receivedAt,
        dueAt: receivedAt + 45_000,
      });
    }
  });
  const component = { operator: { fleet: api.operator.fleet } } as unknown as LobsterControlComponent;
  const { query } = t as unknown as Caller;
  const fleet = await readFleet(component, { runQuery: query as RunsQueries["runQuery"] });
  expect(fleet).toHaveLength(1_000);
  expect(fleet.every(({ runtime }) => runtime.status === "offline")).toBe(true);

  for (let count = 0; count < 10; count++) await t.mutation(internal.upkeep.sweep, {});
  const left = await t.run(
    async (ctx) =>
      await ctx.db
        .query("reports")
        .withIndex("by_due", (q) => q.gte("dueAt", 0))
        .take(1),
  );
  expect(left).toEqual([]);
}, 60_000);

it("stores the largest of everything in documents that a deployment takes", async () => {
  const t = createComponent();
  const { account, tokenHash } = await addAccount(t);
  const input = "é".repeat(limits.inputBytes / 2);
  const instructions = "é".repeat(limits.instructionsBytes / 2);
  await t.mutation(api.platform.notify, notifyArgs(account, "t1", { input, instructions }));
  const { claims } = await t.mutation(api.delivery.claim, claimArgs(tokenHash));
  const lease = leaseOf(claims[0]!.claim.lease);
  const sessionMark = { sessionId: "x".repeat(1_000) };
  await t.mutation(api.delivery.begin, { tokenHash, lease, attempt: { sessionMark } });
  const text = "é".repeat(limits.replyBytes / 2);
  const responseId = "r".repeat(1_024);
  await t.mutation(api.delivery.complete, { tokenHash, lease, outcome: { kind: "reply", text, responseId } });
  const files = [{ name: "SOUL.md", text: "é".repeat(250_000) }];
  await t.mutation(api.platform.upsertAgent, { account, agent: "writer", files });
  const sizes = await t.run(async (ctx) => {
    const rows = [
      ...(await ctx.db.query("notifications").take(10)),
      ...(await ctx.db.query("contents").take(10)),
      ...(await ctx.db.query("messages").take(10)),
      ...(await ctx.db.query("agentFiles").take(10)),
    ];
    return rows.map((row) => new TextEncoder().encode(JSON.stringify(row)).length);
  });
  expect(Math.max(...sizes)).toBeLessThan(documentBytes);
  await expect(
    t.mutation(api.platform.upsertAgent, {
      account,
      agent: "writer",
      files: [{ name: "SOUL.md", text: "x".repeat(documentBytes) }],
    }),
  ).rejects.toMatchObject({ data: { code: "ERR_TOO_LARGE" } });
});

it("refuses a roster that could not be read at once any more", async () => {
  const t = createComponent();
  const { account } = await addAccount(t);
  const files = [{ name: "SOUL.md", text: "x".repeat(500_000) }];
  const add = (agent: string) => t.mutation(api.platform.upsertAgent, { account, agent, files });
  for (let index = 0; index < 12; index++) await add(`agent-${index}`);
  await expect(add("agent-12")).rejects.toMatchObject({ data: { code: "ERR_TOO_LARGE" } });
});

it("cuts what it hands out, and the pages of its lists, before an answer is too large", async () => {
  const t = createComponent();
  const { account, tokenHash } = await addAccount(t);
  const input = "x".repeat(limits.inputBytes);
  for (let index = 0; index < 40; index++)
    await t.mutation(api.platform.notify, {
      ...notifyArgs(account, `t${index}`, { input }),
      idempotencyKey: `${index}`,
    });
  const sizeOf = (answer: unknown) => new TextEncoder().encode(JSON.stringify(answer)).length;

  const first = await t.query(api.admin.notifications, { account, limit: limits.page });
  expect(sizeOf(first)).toBeLessThan(answerBytes / 2);
  let seen = first.items.length;
  for (let next = first.next; next !== null;) {
    const page = await t.query(api.admin.notifications, { account, limit: limits.page, after: next });
    seen += page.items.length;
    next = page.next;
  }
  expect(seen).toBe(40);

  let handedOut = 0;
  for (let count = 0; handedOut < 40 && count < 10; count++) {
    const answer = await t.mutation(
      api.delivery.claim,
      claimArgs(tokenHash, { claimId: `c${count}`, limit: 40 }),
    );
    expect(sizeOf(answer)).toBeLessThan(answerBytes / 2);
    handedOut += answer.claims.length;
    for (const { claim } of answer.claims)
      await t.mutation(api.delivery.complete, {
        tokenHash,
        lease: leaseOf(claim.lease),
        outcome: { kind: "reply", text: "y".repeat(limits.replyBytes), responseId: null },
      });
  }
  expect(handedOut).toBe(40);

  let fed = 0;
  for (let after: string | undefined, count = 0; fed < 40 && count < 40; count++) {
    const page: { messages: unknown[]; cursor: string } = await t.query(api.platform.messages, {
      limit: limits.page,
      ...(after === undefined ? {} : { after }),
    });
    expect(sizeOf(page)).toBeLessThan(answerBytes / 2);
    fed += page.messages.length;
    after = page.cursor;
  }
  expect(fed).toBe(40);
}, 60_000);

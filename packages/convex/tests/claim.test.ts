/** What of a claim is Convex's own: ids that are derived, and feeds of several counters. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { api } from "../src/component/_generated/api.ts";
import { addAccount, claimArgs, createComponent, leaseOf, notifyArgs } from "./component.ts";

let now = 0;
let t: ReturnType<typeof createComponent>;

beforeEach(() => {
  now = 1_700_000_000_000;
  vi.spyOn(Date, "now").mockImplementation(() => now);
  t = createComponent();
});
afterEach(() => vi.restoreAllMocks());

describe("promise 2: ids of leases", () => {
  it("are new each time, also when a claim of long ago arrives once more", async () => {
    const { account, tokenHash } = await addAccount(t);
    const claim = async (claimId: string) => {
      const { claims } = await t.mutation(api.delivery.claim, claimArgs(tokenHash, { claimId, limit: 1 }));
      return leaseOf(claims[0]!.claim.lease);
    };
    await t.mutation(api.platform.notify, notifyArgs(account, "t1"));
    const first = await claim("c1");
    await t.mutation(api.delivery.release, { tokenHash, lease: first });
    await t.mutation(api.platform.notify, notifyArgs(account, "t0"));
    // Another claim is remembered by now, so that the first one is a new one: at the same time, with the same attempts.
    const between = await claim("c2");
    await t.mutation(api.delivery.release, { tokenHash, lease: between });
    const leases = [await claim("c1"), await claim("c3")];
    const again = leases.find(({ notification }) => notification === first.notification)!;
    expect(again.id).not.toBe(first.id);
    await expect(
      t.mutation(api.delivery.renew, { tokenHash, lease: first, leaseMs: 1_000 }),
    ).rejects.toMatchObject({ data: { code: "ERR_LEASE_LOST" } });
    await t.mutation(api.delivery.renew, { tokenHash, lease: again, leaseMs: 1_000 });
  });
});

describe("the platform's feed of messages", () => {
  it("gives every account's messages once, in the order of each, however many accounts there are", async () => {
    const sent: string[] = [];
    for (let index = 0; index < 24; index++) {
      const { account, tokenHash } = await addAccount(t, `account-${index}`);
      for (const text of ["one", "two"]) {
        await t.mutation(api.platform.notify, notifyArgs(account, text));
        const { claims } = await t.mutation(api.delivery.claim, claimArgs(tokenHash, { claimId: text }));
        const outcome = { kind: "reply", text: `${account} ${text}`, responseId: null } as const;
        await t.mutation(api.delivery.complete, {
          tokenHash,
          lease: leaseOf(claims[0]!.claim.lease),
          outcome,
        });
        sent.push(`${account} ${text}`);
      }
    }
    const read: string[] = [];
    for (let after: string | undefined, count = 0; count < 100; count++) {
      const page: { messages: { text: string }[]; cursor: string } = await t.query(api.platform.messages, {
        limit: 5,
        ...(after === undefined ? {} : { after }),
      });
      read.push(...page.messages.map(({ text }) => text));
      if (page.messages.length === 0) break;
      after = page.cursor;
    }
    expect(read.toSorted()).toEqual(sent.toSorted());
    for (let index = 0; index < 24; index++)
      expect(read.indexOf(`account-${index} one`)).toBeLessThan(read.indexOf(`account-${index} two`));
  });
});

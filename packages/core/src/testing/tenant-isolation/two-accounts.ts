import { beforeEach, expect } from "vitest";
import { LobsterError } from "../../error.ts";
import { limits } from "../../limits.ts";
import type { LeaseProof } from "../../ports/delivery.ts";
import type { RuntimePort } from "../../ports/runtime.ts";
import { Secret } from "../../secret.ts";
import type { AdminUnderTest } from "../admin-port/admin-port-test.ts";
import { failure, reply, type RuntimePortTest } from "../runtime-port/runtime-port-test.ts";

/** What the account acme has said, been told and named, and nobody else may learn. */
const canary = "canary-of-acme";

/** Two accounts that look alike: acme, which has one of everything, and other, which tries its luck. */
export interface TwoAccounts {
  /** Acme's. */
  t: RuntimePortTest<AdminUnderTest>;
  /** The other account. */
  other: string;
  /** The lease that acme's runtime holds. */
  lease: LeaseProof;
  /** A dead notification of acme. */
  dead: LeaseProof;
  /** The id of acme's service token. */
  token: string;
  /** Another account's runtime, and its admin. */
  runtime: RuntimePort;
  admin: AdminUnderTest;
  /** A lease that the other account holds itself. */
  own: LeaseProof;
  /**
   * Does something as the other account. Whatever comes of it, acme is as it was, and what came of it tells nothing of acme.
   *
   * @returns the error, if it was refused
   */
  attempt(act: () => Promise<unknown>): Promise<LobsterError | null>;
}

/** Makes both accounts before each test. */
export function useTwoAccounts(t: RuntimePortTest<AdminUnderTest>): TwoAccounts {
  const two = { t } as TwoAccounts;

  /** All that acme can see of itself. */
  const look = async (): Promise<unknown> => ({
    notifications: await t.admin.notifications({ limit: limits.page }),
    deadLetters: await t.admin.deadLetters(),
    messages: await t.admin.messages(),
    serviceTokens: await t.admin.serviceTokens(),
    activities: await t.admin.activities({ limit: limits.page }),
    providerKeys: await t.admin.listProviderKeys(),
    roster: await t.port.agents(),
  });

  two.attempt = async (act) => {
    const before = await look();
    const result: unknown = await act().catch((error: unknown) => error);
    expect(await look()).toEqual(before);
    expect(JSON.stringify(result) ?? "").not.toContain(canary);
    if (LobsterError.isInstance(result)) return result;
    if (result instanceof Error) throw result;
    return null;
  };

  beforeEach(async () => {
    const { platform } = t.subject;
    const files = { "SOUL.md": canary };
    await platform.upsertAgent({ account: t.account, agent: "writer", ref: canary, files });
    const one = (thread: string) => ({
      thread: `${canary}-${thread}`,
      input: canary,
      instructions: canary,
      idempotencyKey: `${canary}-${thread}`,
    });
    const reason = { code: "ERR_RUN_FAILED", message: canary };
    // Two of each, so that every list has a cursor.
    for (const count of [1, 2]) {
      await t.notify("", one(`delivered-${count}`));
      await t.port.complete((await t.claimOne()).lease, reply(canary));
      await t.notify("", one(`dead-${count}`));
      two.dead = (await t.claimOne()).lease;
      await t.port.fail(two.dead, failure({ retryable: false, reason }));
    }
    await t.admin.revokeServiceToken((await t.admin.issueServiceToken()).id);
    await t.admin.upsertProviderKey({ provider: "anthropic", key: keyOf(canary) });
    await t.notify("", one("leased"));
    two.lease = (await t.claimOne({ claimId: "acme" })).lease;
    await t.notify("", one("pending"));
    two.token = (await t.admin.serviceTokens())[0]!.id;

    two.other = t.account.replace("acme", "other");
    await platform.upsertAccount({ account: two.other });
    await platform.upsertAgent({ account: two.other, agent: "writer" });
    two.admin = t.subject.admin({ id: "user-2" }, two.other);
    two.runtime = t.subject.runtime((await two.admin.issueServiceToken()).token);
    await t.notify("t1", { account: two.other, input: "own" });
    const [claimed] = await t.claim({}, two.runtime);
    two.own = claimed!.lease;
  });
  return two;
}

/** A key of Anthropic, as far as its form goes; assembled, so that no scanner takes it for a real one. */
export const keyOf = (words: string): Secret => new Secret(["sk", "ant", words, "0123456789"].join("-"));

/** An error's words, without the ids that its caller handed in. */
export function wordsOf(error: LobsterError | null, ...ids: readonly string[]): string {
  let words = JSON.stringify(error);
  for (const id of ids) words = words.replaceAll(id, "ID");
  return words;
}

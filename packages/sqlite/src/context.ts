import {
  addContext,
  hasContext,
  sleep,
  TooLargeError,
  type AccountId,
  type Claim,
  type ContextRequest,
  type Failure,
  type ThreadContext,
} from "@lobstercontrol/core";
import { fail } from "./fail.ts";
import type { Store } from "./store.ts";

/** Adds what the platform has to say about each thread. A claim whose thread it fails for is failed: others go on. */
export async function withContext(store: Store, account: AccountId, claims: Claim[]): Promise<Claim[]> {
  if (store.context === null) return claims;
  const added = await Promise.all(claims.map((claim) => addTo(store, account, claim)));
  return added.filter((claim) => claim !== null);
}

async function addTo(store: Store, account: AccountId, claim: Claim): Promise<Claim | null> {
  if (!hasContext(claim)) return claim;
  try {
    return addContext(claim, await ask(store, account, claim), store.contextLimits);
  } catch (error) {
    store.logger.warn({ account, notification: claim.lease.notification, error }, "no context for a thread");
    await store.turn.write(() => {
      const stored = store.notifications.record(account, claim.lease.notification);
      // By now it may be somebody else's.
      if (stored?.notification.lease?.id === claim.lease.id)
        fail(store, stored, claim.lease.id, failureOf(error));
    });
    return null;
  }
}

/** What the platform says in time: a claim that hung would let its leases run out. */
async function ask(
  { context, contextTimeoutMs, clock, database }: Store,
  account: AccountId,
  { agent, thread }: Claim,
): Promise<ThreadContext | null> {
  const row = database.get<{ ref: string | null }>(
    "SELECT ref FROM agents WHERE account = ? AND slug = ?",
    account,
    agent,
  );
  const request: ContextRequest = { account, agent, ref: row?.ref ?? null, thread };
  const answered = new AbortController();
  const late = sleep(clock, contextTimeoutMs, answered.signal).then(() => {
    throw new Error(`no context within ${contextTimeoutMs} ms`);
  });
  // It ends with nobody listening once the platform has answered.
  late.catch(() => {});
  try {
    return await Promise.race([(async () => (await context?.(request)) ?? null)(), late]);
  } finally {
    answered.abort();
  }
}

/** The platform's own words may be about anybody (promise 7): they go to its log alone. */
function failureOf(error: unknown): Failure {
  const reason = TooLargeError.isInstance(error)
    ? { code: error.code, message: error.message }
    : { code: "ERR_CONTEXT", message: "The platform's context for this thread could not be had." };
  return { outcome: "notSent", reason, retryable: true, countsAttempt: true };
}

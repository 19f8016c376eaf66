import {
  claimOf,
  isDue,
  limits,
  newLeaseId,
  WorkerFencedError,
  type AccountId,
  type Claim,
  type ClaimRequest,
  type NotificationId,
} from "@lobstercontrol/core";
import { addHeartbeats } from "./heartbeats.ts";
import { sessionKeyOf, type Stored } from "./notifications.ts";
import type { Store } from "./store.ts";

/** How long a fenced incarnation is remembered, in milliseconds: far longer than any process stays suspended. */
const fencedForMs = 90 * 24 * 60 * 60_000;

interface Incarnation {
  fenced: number;
  claim_id: string | null;
  claimed: string | null;
}

/** Hands out notifications; runs inside a write. See `DeliveryPort.claim`. */
export function claim(store: Store, account: AccountId, request: ClaimRequest): Claim[] {
  const { database, notifications, clock } = store;
  const now = clock.now();
  const incarnation = takeOver(store, account, request, now);
  if (incarnation.claim_id === request.claimId) return claimedBefore(store, account, request, incarnation);

  addHeartbeats(store, account, now);
  const claims: Claim[] = [];
  for (const sessionKeyId of notifications.ready(account, now, now + limits.waitMs, request.limit)) {
    const head = claimableHead(store, sessionKeyId, now);
    if (head === undefined) continue;
    const lease = {
      id: newLeaseId(),
      workerId: request.workerId,
      incarnation: request.incarnation,
      claimId: request.claimId,
      until: now + request.leaseMs,
    };
    claims.push(claimOfStored(notifications.apply(head, { type: "claimed", lease }, now)));
  }
  // An empty answer needs no memory: the same claim, repeated, may as well get something.
  if (claims.length > 0) {
    database.run(
      `UPDATE incarnations SET claim_id = ?, claimed = ? WHERE account = ? AND worker_id = ? AND incarnation = ?`,
      request.claimId,
      JSON.stringify(claims.map(({ lease }) => lease.notification)),
      account,
      request.workerId,
      request.incarnation,
    );
  }
  return claims;
}

/** The first notification of a key, once leases that ran out have been taken from their holders. */
function claimableHead(store: Store, sessionKeyId: number, now: number): Stored | undefined {
  for (;;) {
    const head = store.notifications.head(sessionKeyId);
    if (head?.notification.state !== "leased") return head;
    if (!isDue(head.notification.lease!.until, now)) return undefined;
    // Pending again, or dead when that was its last attempt; then the next of the key is the head.
    store.notifications.apply(head, { type: "expired" }, now);
  }
}

/**
 * Knows the incarnation that asks. One that was never seen is the newest of its worker: it fences the others and takes
 * their leases away at once, so that a restarted runtime need not wait for them to run out.
 */
function takeOver(store: Store, account: AccountId, request: ClaimRequest, now: number): Incarnation {
  const { database, notifications } = store;
  const { workerId, incarnation } = request;
  const known = database.get<Incarnation>(
    "SELECT fenced, claim_id, claimed FROM incarnations WHERE account = ? AND worker_id = ? AND incarnation = ?",
    account,
    workerId,
    incarnation,
  );
  if (known?.fenced === 1) throw new WorkerFencedError({ workerId });
  if (known !== undefined) return known;

  database.run("UPDATE incarnations SET fenced = 1 WHERE account = ? AND worker_id = ?", account, workerId);
  database.run(
    "DELETE FROM incarnations WHERE account = ? AND fenced = 1 AND started_at < ?",
    account,
    now - fencedForMs,
  );
  database.run(
    "INSERT INTO incarnations (account, worker_id, incarnation, started_at) VALUES (?, ?, ?, ?)",
    account,
    workerId,
    incarnation,
    now,
  );
  for (const stored of notifications.leased(account)) {
    if (stored.notification.lease?.workerId === workerId)
      notifications.apply(stored, { type: "expired" }, now);
  }
  return { fenced: 0, claim_id: null, claimed: null };
}

/** The answer to a claim that was asked before: those of its leases that are still its own. */
function claimedBefore(
  { notifications }: Store,
  account: AccountId,
  request: ClaimRequest,
  incarnation: Incarnation,
): Claim[] {
  const ids = JSON.parse(incarnation.claimed ?? "[]") as NotificationId[];
  return ids
    .map((id) => notifications.byId(account, id)!)
    .filter(({ notification: { state, lease } }) => state === "leased" && lease?.claimId === request.claimId)
    .map(claimOfStored);
}

const claimOfStored = (stored: Stored): Claim => claimOf(stored.notification, sessionKeyOf(stored));

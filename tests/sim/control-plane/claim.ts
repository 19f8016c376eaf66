import {
  claimOf,
  heartbeatAt,
  heartbeatContent,
  isDue,
  newLeaseId,
  WorkerFencedError,
  type AccountId,
  type Claim,
  type ClaimRequest,
  type Notification,
} from "@lobstercontrol/core";
import {
  add,
  apply,
  headOf,
  isBusy,
  type Account,
  type Incarnation,
  type Queue,
  type Tables,
} from "./tables.ts";

/** Hands out notifications; see `DeliveryPort.claim`. */
export function claim(
  tables: Tables,
  { id: account, agents }: Account,
  request: ClaimRequest,
  { now, maxAttempts }: { now: number; maxAttempts: number },
): Claim[] {
  const incarnation = takeOver(tables, account, request, now);
  if (incarnation.claimId === request.claimId) return claimedBefore(tables, incarnation);

  for (const stored of agents.values()) {
    const { slug, heartbeatEveryMs: everyMs, leaving } = stored.agent;
    if (everyMs === null || leaving) continue;
    const agent = { account, slug, everyMs, isBusy: isBusy(tables, account, slug) };
    const due = heartbeatAt(agent, stored.heartbeat, now);
    if (due === null) continue;
    stored.heartbeat = due.schedule;
    if (due.slot === null) continue;
    // The simulation knows a run by its input.
    const input = `heartbeat of slot ${due.slot}`;
    add(tables, heartbeatContent(agent, due.slot, input), maxAttempts, now);
  }

  const claims: Claim[] = [];
  for (const queue of readyQueues(tables, account, now).slice(0, request.limit)) {
    const head = claimableHead(tables, queue, now);
    if (head === null) continue;
    const { workerId, incarnation: start, claimId, leaseMs } = request;
    const lease = { id: newLeaseId(), workerId, incarnation: start, claimId, until: now + leaseMs };
    claims.push(claimOfStored(tables, apply(tables, head.id, { type: "claimed", lease }, now)));
  }
  if (claims.length > 0) {
    incarnation.claimId = request.claimId;
    incarnation.claimed = claims.map(({ lease }) => lease.notification);
  }
  return claims;
}

/** The queue that has been ready longest first; a time that a clock set back made impossible counts as long ago. */
function readyQueues({ queues }: Tables, account: AccountId, now: number): Queue[] {
  const since = ({ readyAt }: Queue): number => (readyAt !== null && readyAt <= now ? readyAt : 0);
  return [...queues.values()]
    .filter((queue) => queue.account === account && queue.readyAt !== null && isDue(queue.readyAt, now))
    .toSorted((a, b) => since(a) - since(b));
}

function claimableHead(tables: Tables, queue: Queue, now: number): Notification | null {
  for (;;) {
    const head = headOf(tables, queue);
    if (head?.state !== "leased") return head;
    if (!isDue(head.lease!.until, now)) return null;
    apply(tables, head.id, { type: "expired" }, now);
  }
}

function takeOver(tables: Tables, account: AccountId, request: ClaimRequest, now: number): Incarnation {
  const { workerId, incarnation } = request;
  const ofWorker = tables.incarnations.filter(
    (each) => each.account === account && each.workerId === workerId,
  );
  const known = ofWorker.find((each) => each.incarnation === incarnation);
  if (known?.fenced === true) throw new WorkerFencedError({ workerId });
  if (known !== undefined) return known;

  for (const each of ofWorker) each.fenced = true;
  const started: Incarnation = { account, workerId, incarnation, fenced: false, claimId: null, claimed: [] };
  tables.incarnations.push(started);
  for (const each of tables.notifications.values())
    if (each.account === account && each.state === "leased" && each.lease?.workerId === workerId)
      apply(tables, each.id, { type: "expired" }, now);
  return started;
}

function claimedBefore(tables: Tables, { claimId, claimed }: Incarnation): Claim[] {
  return claimed
    .map((id) => tables.notifications.get(id)!)
    .filter(({ state, lease }) => state === "leased" && lease?.claimId === claimId)
    .map((each) => claimOfStored(tables, each));
}

const claimOfStored = ({ queueOf }: Tables, notification: Notification): Claim =>
  claimOf(notification, queueOf.get(notification.id)!.sessionKey);

import type {
  AccountId,
  Agent,
  AgentSlug,
  HeardReport,
  HeartbeatSchedule,
  Message,
  Notification,
  NotificationContent,
  NotificationEvent,
  NotificationId,
  SessionKey,
  ThreadId,
} from "@lobstercontrol/core";
import { newNotification, newNotificationId, readyAt, sessionKey, transition } from "@lobstercontrol/core";

/** The queue of one session key. */
export interface Queue {
  account: AccountId;
  sessionKey: SessionKey;
  /** When it has something to hand out; null for never. */
  readyAt: number | null;
  lastPosition: number;
  notifications: NotificationId[];
}

/** One start of a worker. */
export interface Incarnation {
  account: AccountId;
  workerId: string;
  incarnation: string;
  fenced: boolean;
  claimId: string | null;
  claimed: NotificationId[];
}

/** An agent; one that is leaving stands here until it has left. */
interface StoredAgent {
  agent: Agent;
  heartbeat: HeartbeatSchedule;
}

/** An account. */
export interface Account {
  id: AccountId;
  open: boolean;
  rosterRevision: number;
  agents: Map<string, StoredAgent>;
  tokens: Map<string, { id: string; createdAt: number; createdBy: string }>;
  watchers: Set<() => void>;
}

/** All that a control plane in memory stores. A notification is never changed in place, so that a look can be kept. */
export interface Tables {
  accounts: Map<string, Account>;
  notifications: Map<NotificationId, Notification>;
  queues: Map<SessionKey, Queue>;
  queueOf: Map<NotificationId, Queue>;
  incarnations: Incarnation[];
  messages: Message[];
  /** By account and worker. */
  reports: Map<string, HeardReport & { account: AccountId }>;
}

export function createTables(): Tables {
  return {
    accounts: new Map(),
    notifications: new Map(),
    queues: new Map(),
    queueOf: new Map(),
    incarnations: [],
    messages: [],
    reports: new Map(),
  };
}

/** The queue of an agent and thread, made when it is new. */
function queueFor({ queues }: Tables, of: { account: AccountId; agent: AgentSlug; thread: ThreadId }): Queue {
  const key = sessionKey({ ...of, epoch: 0 });
  const known = queues.get(key);
  if (known !== undefined) return known;
  const queue: Queue = {
    account: of.account,
    sessionKey: key,
    readyAt: null,
    lastPosition: 0,
    notifications: [],
  };
  queues.set(key, queue);
  return queue;
}

/** The first of a queue that is neither delivered nor dead. */
export function headOf({ notifications }: Tables, queue: Queue): Notification | null {
  let head: Notification | null = null;
  for (const id of queue.notifications) {
    const each = notifications.get(id)!;
    if (each.state !== "pending" && each.state !== "leased") continue;
    if (head === null || each.position < head.position) head = each;
  }
  return head;
}

/** A queue that was waiting for nothing but its turn becomes ready now, behind those that were ready before it. */
export function refreshReadyAt(tables: Tables, queue: Queue, now: number): void {
  const at = readyAt(headOf(tables, queue));
  queue.readyAt = at === null ? null : Math.max(at, now);
}

/** Stores a new notification at the end of its queue. */
export function add(
  tables: Tables,
  content: NotificationContent,
  maxAttempts: number,
  now: number,
): NotificationId {
  const queue = queueFor(tables, content);
  const place = { id: newNotificationId(now), position: ++queue.lastPosition, maxAttempts };
  const notification = newNotification(content, place, now);
  tables.notifications.set(notification.id, notification);
  tables.queueOf.set(notification.id, queue);
  queue.notifications.push(notification.id);
  if (queue.readyAt === null) refreshReadyAt(tables, queue, now);
  return notification.id;
}

/** Whether an agent has something to deliver. */
export function isBusy({ notifications }: Tables, account: AccountId, agent: AgentSlug): boolean {
  return [...notifications.values()].some(
    (each) =>
      each.account === account &&
      each.agent === agent &&
      (each.state === "pending" || each.state === "leased"),
  );
}

/** Applies an event and stores what comes of it. */
export function apply(
  tables: Tables,
  id: NotificationId,
  event: NotificationEvent,
  now: number,
): Notification {
  const next = transition(tables.notifications.get(id)!, event, now);
  tables.notifications.set(id, next);
  if (event.type !== "begun") refreshReadyAt(tables, tables.queueOf.get(id)!, now);
  return next;
}

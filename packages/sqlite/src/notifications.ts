import {
  newNotification,
  readyAt,
  sessionKey,
  transition,
  type AccountId,
  type AgentSlug,
  type Attempt,
  type DeliveryOutcome,
  type FailureReason,
  type Lease,
  type LeaseId,
  type Notification,
  type NotificationContent,
  type NotificationEvent,
  type NotificationId,
  type NotificationRecord,
  type NotificationState,
  type SessionKey,
  type ThreadId,
} from "@lobstercontrol/core";
import type { Database } from "./database.ts";

/** A notification as stored, whole unless it is said otherwise, with the keys of its row. */
export interface Stored<N extends NotificationRecord = Notification> {
  seq: number;
  sessionKeyId: number;
  epoch: number;
  notification: N;
}

/** The session that a notification is sent on. */
export function sessionKeyOf({ notification, epoch }: Stored<NotificationRecord>): SessionKey {
  return sessionKey({ ...notification, epoch });
}

/** The queue of one file: every change goes through the state machine of core and keeps `ready_at` true. */
export interface Notifications {
  /** Stores a new one at the end of its session key. */
  add(content: NotificationContent, id: NotificationId, maxAttempts: number, now: number): void;
  /** By its id, within the account. */
  byId(account: AccountId, id: NotificationId): Stored | undefined;
  /** The same without what the agent is told, which is not read: all that a delivery under way needs. */
  record(account: AccountId, id: NotificationId): Stored<NotificationRecord> | undefined;
  /** By the platform's name for its cause. */
  byIdempotencyKey(account: AccountId, key: string): Stored | undefined;
  /** The first of a session key that is neither delivered nor dead. */
  head(sessionKeyId: number): Stored | undefined;
  /** The session keys of an account that have something to claim, the one that has been ready longest first. */
  ready(account: AccountId, now: number, latest: number, limit: number): number[];
  /** The leases of an account. */
  leased(account: AccountId): Stored<NotificationRecord>[];
  /** Newest first. */
  page(
    account: AccountId,
    filter: { state: NotificationState | null; agent: AgentSlug | null; before: number; limit: number },
  ): Stored[];
  /** Applies an event and stores what comes of it. */
  apply<N extends NotificationRecord>(stored: Stored<N>, event: NotificationEvent, now: number): Stored<N>;
  /** The place behind the last notification of a session key. */
  nextPosition(sessionKeyId: number): number;
}

interface RecordRow {
  seq: number;
  id: string;
  account: string;
  session_key: number;
  agent: string;
  thread: string;
  epoch: number;
  idempotency_key: string;
  state: NotificationState;
  position: number;
  attempts: number;
  max_attempts: number;
  waits: number;
  not_before: number;
  lease: string | null;
  attempt: string | null;
  repeated: number;
  last_lease_id: string | null;
  outcome: DeliveryOutcome["kind"] | null;
  last_error: string | null;
  created_at: number;
  delivered_at: number | null;
}
interface Row extends RecordRow {
  input: string;
  instructions: string | null;
}

const selectRecord =
  "SELECT n.*, k.agent, k.thread, k.epoch FROM notifications n JOIN session_keys k ON k.id = n.session_key";
const select = `
  SELECT n.*, c.input, c.instructions, k.agent, k.thread, k.epoch
  FROM notifications n JOIN contents c ON c.notification = n.seq JOIN session_keys k ON k.id = n.session_key`;
interface KeyRow {
  id: number;
  ready_at: number | null;
}

const findKey = "SELECT id, ready_at FROM session_keys WHERE account = ? AND agent = ? AND thread = ?";
const addKey = "INSERT INTO session_keys (account, agent, thread) VALUES (?, ?, ?) RETURNING id";
const isHead = "session_key = ? AND state IN ('pending', 'leased') ORDER BY position LIMIT 1";

/** The notifications of an open file. */
export function createNotifications(database: Database): Notifications {
  const one = (row: Row | undefined): Stored | undefined => (row === undefined ? undefined : fromRow(row));

  const head: Notifications["head"] = (sessionKeyId) =>
    one(database.get<Row>(`${select} WHERE ${isHead}`, sessionKeyId));

  const nextPosition: Notifications["nextPosition"] = (sessionKeyId) =>
    database.get<{ last_position: number }>(
      "UPDATE session_keys SET last_position = last_position + 1 WHERE id = ? RETURNING last_position",
      sessionKeyId,
    )!.last_position;

  /** A key that was waiting for nothing but its turn becomes ready now, behind the keys that were ready before it. */
  function refreshReadyAt(sessionKeyId: number, now: number): void {
    const row = database.get<Pick<Row, "state" | "not_before" | "lease">>(
      `SELECT state, not_before, lease FROM notifications WHERE ${isHead}`,
      sessionKeyId,
    );
    storeReadyAt(
      sessionKeyId,
      row === undefined
        ? null
        : { state: row.state, notBefore: row.not_before, lease: fromJson<Lease>(row.lease) },
      now,
    );
  }

  function storeReadyAt(sessionKeyId: number, first: Parameters<typeof readyAt>[0], now: number): void {
    const at = readyAt(first);
    database.run(
      "UPDATE session_keys SET ready_at = ? WHERE id = ?",
      at === null ? null : Math.max(at, now),
      sessionKeyId,
    );
  }

  return {
    head,
    nextPosition,

    add(content, id, maxAttempts, now) {
      const { account, agent, thread } = content;
      // Not an upsert: one that touches the row has SQLite look for whoever refers to it, through all notifications.
      const key = database.get<KeyRow>(findKey, account, agent, thread) ?? {
        id: database.get<KeyRow>(addKey, account, agent, thread)!.id,
        ready_at: null,
      };
      const added = newNotification(content, { id, position: nextPosition(key.id), maxAttempts }, now);
      const { seq } = database.get<{ seq: number }>(
        `INSERT INTO notifications (id, account, session_key, idempotency_key, state, position, attempts, max_attempts,
           waits, not_before, repeated, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq`,
        added.id,
        added.account,
        key.id,
        added.idempotencyKey,
        added.state,
        added.position,
        added.attempts,
        added.maxAttempts,
        added.waits,
        added.notBefore,
        added.repeated ? 1 : 0,
        added.createdAt,
      )!;
      database.run("INSERT INTO contents VALUES (?, ?, ?)", seq, added.input, added.instructions);
      if (key.ready_at === null) refreshReadyAt(key.id, now);
    },

    byId: (account, id) => one(database.get<Row>(`${select} WHERE n.id = ? AND n.account = ?`, id, account)),

    record(account, id) {
      const row = database.get<RecordRow>(`${selectRecord} WHERE n.id = ? AND n.account = ?`, id, account);
      return row === undefined ? undefined : recordFromRow(row);
    },

    byIdempotencyKey: (account, key) =>
      one(database.get<Row>(`${select} WHERE n.account = ? AND n.idempotency_key = ?`, account, key)),

    ready(account, now, latest, limit) {
      // Two statements, each a walk along the index up to its limit: together they would be sorted, all keys of the account.
      const keys = (bound: string, at: number, most: number): number[] =>
        database
          .all<{ id: number }>(
            `SELECT id FROM session_keys WHERE account = ? AND ready_at ${bound} ? ORDER BY ready_at LIMIT ?`,
            account,
            at,
            most,
          )
          .map((row) => row.id);
      // Asked first whether there is any, which there seldom is: to get one row costs a tenth of getting none of many.
      const clockWasSetBack =
        database.get(
          "SELECT 1 FROM session_keys WHERE account = ? AND ready_at > ? LIMIT 1",
          account,
          latest,
        ) !== undefined;
      const early = clockWasSetBack ? keys(">", latest, limit) : [];
      return [...early, ...keys("<=", now, limit - early.length)];
    },

    leased: (account) =>
      database
        .all<RecordRow>(
          `${selectRecord} WHERE k.account = ? AND k.ready_at IS NOT NULL AND n.state = 'leased'`,
          account,
        )
        .map(recordFromRow),

    page: (account, { state, agent, before, limit }) =>
      database
        .all<Row>(
          `${select} WHERE n.account = ?1 AND n.seq < ?2 AND (?3 IS NULL OR n.state = ?3) AND (?4 IS NULL OR k.agent = ?4)
           ORDER BY n.seq DESC LIMIT ?5`,
          account,
          before,
          state,
          agent,
          limit,
        )
        .map(fromRow),

    apply(stored, event, now) {
      const next = transition(stored.notification, event, now);
      // These two come with every delivery and touch no index.
      if (event.type === "begun" || event.type === "renewed")
        database.run(
          "UPDATE notifications SET lease = ?, attempt = ?, repeated = ? WHERE seq = ?",
          toJson(next.lease),
          toJson(next.attempt),
          next.repeated ? 1 : 0,
          stored.seq,
        );
      else
        database.run(
          `UPDATE notifications SET state = ?, position = ?, attempts = ?, waits = ?, not_before = ?, lease = ?,
             attempt = ?, repeated = ?, last_lease_id = ?, outcome = ?, last_error = ?, delivered_at = ? WHERE seq = ?`,
          next.state,
          next.position,
          next.attempts,
          next.waits,
          next.notBefore,
          toJson(next.lease),
          toJson(next.attempt),
          next.repeated ? 1 : 0,
          next.lastLeaseId,
          next.outcome,
          toJson(next.lastError),
          next.deliveredAt,
          stored.seq,
        );
      // What is leased is the first of its key (promise 4), and `begun` changes neither the state nor a time.
      if (event.type === "claimed" || event.type === "renewed") storeReadyAt(stored.sessionKeyId, next, now);
      else if (event.type !== "begun") refreshReadyAt(stored.sessionKeyId, now);
      return { ...stored, notification: next };
    },
  };
}

function fromRow(row: Row): Stored {
  const stored = recordFromRow(row);
  const { input, instructions } = row;
  return { ...stored, notification: { ...stored.notification, input, instructions } };
}

function recordFromRow(row: RecordRow): Stored<NotificationRecord> {
  return {
    seq: row.seq,
    sessionKeyId: row.session_key,
    epoch: row.epoch,
    notification: {
      id: row.id as NotificationId,
      account: row.account as AccountId,
      agent: row.agent as AgentSlug,
      thread: row.thread as ThreadId,
      idempotencyKey: row.idempotency_key,
      state: row.state,
      position: row.position,
      attempts: row.attempts,
      maxAttempts: row.max_attempts,
      waits: row.waits,
      notBefore: row.not_before,
      lease: fromJson<Lease>(row.lease),
      attempt: fromJson<Attempt>(row.attempt),
      repeated: row.repeated === 1,
      lastLeaseId: row.last_lease_id as LeaseId | null,
      outcome: row.outcome,
      lastError: fromJson<FailureReason>(row.last_error),
      createdAt: row.created_at,
      deliveredAt: row.delivered_at,
    },
  };
}

const toJson = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));
const fromJson = <T>(text: string | null): T | null => (text === null ? null : (JSON.parse(text) as T));

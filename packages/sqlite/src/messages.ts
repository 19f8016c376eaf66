import type {
  AccountId,
  AgentSlug,
  Message,
  MessageId,
  NotificationId,
  ThreadId,
} from "@lobstercontrol/core";

/** A message as stored. */
export interface MessageRow {
  seq: number;
  id: string;
  account: string;
  agent: string;
  thread: string;
  notification: string;
  text: string;
  truncated: number;
  repeated: number;
  response_id: string | null;
  created_at: number;
}

/** A stored message. */
export function messageFromRow(row: MessageRow): Message {
  return {
    id: row.id as MessageId,
    account: row.account as AccountId,
    agent: row.agent as AgentSlug,
    thread: row.thread as ThreadId,
    notification: row.notification as NotificationId,
    text: row.text,
    truncated: row.truncated === 1,
    repeated: row.repeated === 1,
    responseId: row.response_id,
    createdAt: row.created_at,
  };
}

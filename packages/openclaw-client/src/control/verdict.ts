import type { MarkFields } from "./session-mark.ts";
import type { SessionRow, SessionView } from "./session-view.ts";
import type { RunVerdict } from "./types.ts";

/**
 * What became of the one request that was sent on a session since the mark: the whole rule, as it was measured. What was
 * not measured is `unknown`; a wrong `notRun` would make an agent act twice, and a wrong `ran` would lose a message.
 *
 * | the gateway has | verdict |
 * | --- | --- |
 * | something that runs or waits, or a crash left in the middle | `active` |
 * | nothing new at all, or a run that was stopped before it left a row | `notRun` |
 * | the request, and a run that was stopped | `aborted` |
 * | a run that failed, whatever it left | `failed` |
 * | the request, and a last row of the agent that ends with `stop` or `length` | `ran` |
 *
 * @param mark null for one that tells nothing
 */
export function verdictOf(mark: MarkFields | null, view: SessionView): RunVerdict {
  const { session, busy, isInterrupted } = view;
  // First of all: it may be the run, and whatever it is, nothing may be sent beside it.
  if (busy) return { verdict: "active" };
  if (isInterrupted) return { verdict: "active", isInterrupted };
  if (mark === null) return { verdict: "unknown" };
  if (session === null) return { verdict: mark.sessionId === null ? "notRun" : "unknown" };
  if (mark.sessionId !== null && session.sessionId !== mark.sessionId) return { verdict: "unknown" };
  const newRows = rowsSince(mark, view.rows);
  // Two requests, or a transcript that was begun anew: whose run would this be?
  if (newRows === null || newRows.filter(isRequest).length > 1) return { verdict: "unknown" };

  const isUnchanged =
    (session.lastRunId ?? null) === mark.lastRunId && (session.startedAt ?? null) === mark.startedAt;
  if (newRows.length === 0 && isUnchanged) return { verdict: "notRun" };

  const reply = newRows.findLast(({ role }) => role === "assistant");
  const responseId = reply?.runId ?? session.lastRunId;
  const about = responseId === undefined ? {} : { responseId };
  // Before the rows: what a failed run leaves looks like a reply.
  if (session.status === "failed" || reply?.stopReason === "error") return { verdict: "failed", ...about };
  if (session.status === "killed" || session.abortedLastRun === true)
    return { verdict: newRows.length === 0 ? "notRun" : "aborted", ...about };
  if (session.status !== "done" || reply === undefined || reply !== newRows.at(-1))
    return { verdict: "unknown", ...about };

  // Killed early in a run, the gateway may have the agent go on with a turn whose request it lost: a reply, to nothing.
  if (!newRows.some(isRequest)) return { verdict: "unknown", ...about };
  // The gateway puts a remark in place of a row that is too large for it, and leaves its stop reason out.
  if (reply.isTruncated) return { verdict: "ran", ...about };
  if (reply.stopReason !== "stop" && reply.stopReason !== "length") return { verdict: "unknown", ...about };
  return { verdict: "ran", text: textOf(reply.content), ...about };
}

/** Null when it cannot be told which rows are new. */
function rowsSince(mark: MarkFields, rows: readonly SessionRow[]): SessionRow[] | null {
  const since: SessionRow[] = [];
  for (const row of rows) {
    const at = row.position;
    if (at === undefined || (mark.source !== null && at.source !== mark.source)) return null;
    if (at.rawSeq > mark.position) since.push(row);
  }
  return since;
}

/** A row that somebody sent, and not the gateway itself, such as when it takes up a run after a crash. */
function isRequest({ role, provenance }: SessionRow): boolean {
  return role === "user" && provenance?.kind !== "internal_system";
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  const parts: unknown[] = Array.isArray(content) ? content : [];
  return parts
    .map((part) =>
      typeof part === "object" && part !== null && "text" in part && typeof part.text === "string"
        ? part.text
        : "",
    )
    .join("");
}

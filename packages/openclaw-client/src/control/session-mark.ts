import type { SessionMark } from "@lobstercontrol/core";
import { z } from "zod";
import type { SessionView } from "./session-view.ts";

const version = 1;

const mark = z.object({
  version: z.literal(version),
  /** Not when something ran already or may be taken up again, for its rows would pass for those of the next run. */
  isUsable: z.boolean(),
  /** Null when there was no session. A reset gives it another. */
  sessionId: z.string().nullable(),
  /** Which transcript the positions count in; null when it had no row. */
  source: z.string().nullable(),
  /** The position of the last row, or -1. It grows with each row ever written, also those that later turns hide. */
  position: z.number(),
  /** These two change with every run, also with one that was stopped before it left a row. */
  lastRunId: z.string().nullable(),
  startedAt: z.number().nullable(),
});

/** What {@link markOf} puts into a mark. */
export type MarkFields = z.output<typeof mark>;

/**
 * What a session looks like, small enough to be kept with an attempt.
 *
 * The number of messages and the id of the last one would not do: the gateway takes the row of a run that was cut out of
 * the history again when the next turn comes.
 */
export function markOf({ session, rows, busy, isInterrupted }: SessionView): SessionMark {
  const lastRow = rows.at(-1);
  const last = lastRow?.position;
  return {
    version,
    isUsable: !busy && !isInterrupted && (lastRow === undefined || last !== undefined),
    sessionId: session?.sessionId ?? null,
    source: last?.source ?? null,
    position: last?.rawSeq ?? -1,
    lastRunId: session?.lastRunId ?? null,
    startedAt: session?.startedAt ?? null,
  } satisfies MarkFields;
}

/** The fields of a mark; null for one that tells nothing, or that no {@link markOf} of this version made. */
export function readMark(value: SessionMark): MarkFields | null {
  const fields = mark.safeParse(value).data;
  return fields?.isUsable === true ? fields : null;
}

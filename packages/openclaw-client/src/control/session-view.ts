import { z } from "zod";
import type { Call } from "./connection.ts";

/** More rows than a turn has, tool calls included; the gateway gives at most 1000. */
const rowLimit = 400;
/** The most that the gateway takes. Its default, 8000, would cut a longer reply in the middle. */
const maxCharacters = 500_000;

const position = z.object({ source: z.string(), rawSeq: z.number() });

const row = z
  .object({
    role: z.string(),
    content: z.unknown(),
    stopReason: z.string().optional(),
    provenance: z.object({ kind: z.string() }).optional().catch(undefined),
    __openclaw: z
      .object({
        runId: z.string().optional(),
        transcriptPosition: position.optional(),
        truncated: z.boolean().optional(),
      })
      .optional(),
  })
  .transform(({ __openclaw: about, ...said }) => ({
    ...said,
    runId: about?.runId,
    position: about?.transcriptPosition,
    isTruncated: about?.truncated === true,
  }));

const history = z.object({
  messages: z.array(row),
  pendingInputs: z
    .object({ total: z.number(), items: z.array(z.object({ state: z.string() })).default([]) })
    .optional(),
  sessionInfo: z.object({ hasActiveRun: z.boolean().optional() }).optional(),
});

const description = z.object({
  session: z
    .object({
      sessionId: z.string().optional(),
      status: z.string().optional(),
      abortedLastRun: z.boolean().optional(),
      lastRunId: z.string().optional(),
      startedAt: z.number().optional(),
    })
    .nullable(),
});

/** One row of a session's history, oldest first. */
export type SessionRow = z.output<typeof row>;

/** What the gateway tells about a session. */
export interface SessionView {
  /** Null when there is no such session. */
  session: z.output<typeof description>["session"];
  /** The last rows of its history, as far as later turns left them there. */
  rows: readonly SessionRow[];
  /** Something runs in it, or waits to. */
  busy: boolean;
  /** A crash left it in the middle of a run, and nothing runs: the gateway has yet to take that up again, or never will. */
  isInterrupted: boolean;
}

/** Looks at a session. A session that is not there is no failure. */
export async function viewSession(call: Call, sessionKey: string, rows = rowLimit): Promise<SessionView> {
  // The history first: a run that ends in between is then seen as still active, which costs another look and no more.
  const { messages, pendingInputs, sessionInfo } = await call(
    "chat.history",
    { sessionKey, limit: rows, maxChars: maxCharacters },
    history,
  );
  const { session } = await call("sessions.describe", { key: sessionKey }, description);
  const { total, items } = pendingInputs ?? { total: 0, items: [] };
  // What a crash or a person kept from running stays in this list for good. The list may be longer than what is shown of it.
  const waiting = total - items.filter(({ state }) => state !== "queued").length;
  const busy = sessionInfo?.hasActiveRun === true || waiting > 0;
  return { session, rows: messages, busy, isInterrupted: !busy && session?.status === "running" };
}

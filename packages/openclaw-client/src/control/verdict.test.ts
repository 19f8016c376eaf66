import { describe, expect, it } from "vitest";
import { markOf, readMark, type MarkFields } from "./session-mark.ts";
import { viewSession, type SessionRow, type SessionView } from "./session-view.ts";
import { verdictOf } from "./verdict.ts";

// What a gateway can be made to show is tested against a real one, in tests/gateway. Here is the rest: what must not be
// taken for more than it is.

const row = (at: number, fields: Partial<SessionRow>): SessionRow => ({
  role: "user",
  content: "hello",
  runId: undefined,
  position: { source: "one", rawSeq: at },
  isTruncated: false,
  ...fields,
});
const reply = (at: number, fields: Partial<SessionRow> = {}): SessionRow =>
  row(at, {
    role: "assistant",
    content: [{ type: "text", text: "done" }],
    stopReason: "stop",
    runId: `resp_${at}`,
    ...fields,
  });
const elsewhere = { position: { source: "two", rawSeq: 3 } };
const idle: SessionView = {
  session: { sessionId: "s", status: "done", lastRunId: "resp_2", startedAt: 1 },
  rows: [row(1, {}), reply(2)],
  busy: false,
  isInterrupted: false,
};
const mark = readMark(markOf(idle)) as MarkFields;
const ran: SessionView = {
  session: { sessionId: "s", status: "done", lastRunId: "resp_4", startedAt: 3 },
  rows: [...idle.rows, row(3, {}), reply(4)],
  busy: false,
  isInterrupted: false,
};

describe("promise 6: what is not known to have not run is not said to have not run", () => {
  it("knows a run that ended, and a session in which nothing happened", () => {
    expect(verdictOf(mark, ran)).toEqual({ verdict: "ran", text: "done", responseId: "resp_4" });
    expect(verdictOf(mark, idle)).toEqual({ verdict: "notRun" });
  });

  const untold: [string, SessionView][] = [
    ["the session is gone", { ...ran, session: null }],
    ["the session was reset", { ...ran, session: { ...ran.session, sessionId: "another" } }],
    ["the transcript is another", { ...ran, rows: [row(3, elsewhere), reply(4, elsewhere)] }],
    ["a row has no position", { ...ran, rows: [...ran.rows, reply(5, { position: undefined })] }],
    ["something else was sent since", { ...ran, rows: [...ran.rows, row(5, {}), reply(6)] }],
    ["the request is there and nothing came of it", { ...ran, rows: [...idle.rows, row(3, {})] }],
    [
      "the agent stopped to have a tool called",
      { ...ran, rows: [row(3, {}), reply(4, { stopReason: "toolUse" })] },
    ],
    ["a tool had the last word", { ...ran, rows: [row(3, {}), reply(4), row(5, { role: "toolResult" })] }],
    [
      "the agent spoke after a crash, and its request is not there",
      { ...ran, rows: [row(3, { provenance: { kind: "internal_system" } }), reply(4)] },
    ],
    ["a run left no row at all", { ...ran, rows: idle.rows }],
  ];
  it.each(untold)("%s", (_, view) => {
    expect(verdictOf(mark, view).verdict).toBe("unknown");
  });

  it("promise 5: nor is it given up while something runs or is to be taken up", () => {
    for (const [, view] of [...untold, ["the session is as it was", idle] as const])
      for (const known of [mark, null]) {
        expect(verdictOf(known, { ...view, busy: true })).toEqual({ verdict: "active" });
        expect(verdictOf(known, { ...view, isInterrupted: true })).toEqual({
          verdict: "active",
          isInterrupted: true,
        });
      }
  });

  it("a mark that tells nothing", () => {
    expect(verdictOf(null, ran)).toEqual({ verdict: "unknown" });
    expect(verdictOf(null, { ...idle, session: null, rows: [] })).toEqual({ verdict: "unknown" });
  });
});

describe("a session that a crash left in the middle of a run", () => {
  // As it was seen between a gateway's start and the moment it takes the run up again: nothing runs and nothing waits.
  const answers: Record<string, unknown> = {
    "chat.history": { messages: [], pendingInputs: { total: 0 }, sessionInfo: { hasActiveRun: false } },
    "sessions.describe": { session: { sessionId: "s", status: "running", abortedLastRun: true } },
  };
  const viewing = viewSession(async (method, _params, schema) => schema.parse(answers[method]), "key");

  it("is waited for", async () => {
    expect(verdictOf(mark, await viewing)).toEqual({ verdict: "active", isInterrupted: true });
  });

  it("gives no mark: what the gateway still takes up would pass for the next run's", async () => {
    expect(readMark(markOf(await viewing))).toBeNull();
  });
});

it.each<[string, object | undefined, boolean]>([
  ["nothing", undefined, false],
  ["nothing, in a list", { total: 0, items: [] }, false],
  ["a request", { total: 1, items: [{ state: "queued" }] }, true],
  [
    "what a crash kept from running",
    { total: 2, items: [{ state: "interrupted" }, { state: "cancelled" }] },
    false,
  ],
  ["a request behind that", { total: 2, items: [{ state: "interrupted" }, { state: "queued" }] }, true],
  ["more than is shown", { total: 3, items: [{ state: "interrupted" }] }, true],
  ["something, with no list of it", { total: 1 }, true],
])("knows whether something waits in a session: %s", async (_, pendingInputs, busy) => {
  const answers: Record<string, unknown> = {
    "chat.history": { messages: [], pendingInputs },
    "sessions.describe": { session: { sessionId: "s", status: "done" } },
  };
  const view = await viewSession(async (method, _params, schema) => schema.parse(answers[method]), "key");
  expect(view).toMatchObject({ busy, isInterrupted: false });
});

describe("a mark", () => {
  it("is of no use when something ran, or when the last row has no position", () => {
    expect(readMark(markOf({ ...idle, busy: true }))).toBeNull();
    expect(readMark(markOf({ ...idle, rows: [reply(2, { position: undefined })] }))).toBeNull();
  });

  it("is of no use when it is somebody else's", () => {
    expect(readMark({ lastMessageId: "x" })).toBeNull();
    expect(readMark({ ...markOf(idle), version: 2 })).toBeNull();
  });
});

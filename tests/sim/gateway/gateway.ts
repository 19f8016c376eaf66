import type { Random } from "../random.ts";
import type { Story } from "../story.ts";
import type { Timeline } from "../timeline.ts";
import type { Weather } from "../weather.ts";
import {
  createSession,
  descriptionOf,
  failureText,
  historyOf,
  openRuns,
  textOf,
  type Answer,
  type Ending,
  type Right,
  type Run,
  type Session,
} from "./session.ts";

/** An OpenClaw gateway as it was measured, and nothing that was not; what it does is for anybody to see. */
export interface Gateway {
  state(): GatewayState;
  sessions: ReadonlyMap<string, Session>;
  /** Every run that ever arrived. */
  runs: readonly Run[];
  /** A whole request has arrived. */
  receive(request: {
    right: Right;
    sessionKey: string;
    input: string;
    answer: (answer: Answer) => void;
  }): Run | null;
  /** The client of a run has gone. */
  hangUp(run: Run): void;
  /** Answers a control call; throws while nobody listens. */
  control(method: string, parameters: Record<string, unknown>): unknown;
  /** As `kill -9` does; something starts it again. */
  crash(): void;
  /** Takes no more runs, waits for those under way, and starts anew. */
  restart(): void;
}

type GatewayState = "ready" | "starting" | "draining" | "down";

export interface GatewayOptions {
  timeline: Timeline;
  random: Random;
  weather: Weather;
  story: Story;
  startMs: number;
  /** Inputs that the gateway answers with a 400. */
  isRefused: (input: string) => boolean;
  /** Called when a run has been let in, before it changes anything. */
  onReceived: (run: Run, others: readonly Run[]) => void;
}

export function createGateway(options: GatewayOptions): Gateway {
  const { timeline, random, weather, story, startMs } = options;
  const sessions = new Map<string, Session>();
  const runs: Run[] = [];
  let state: GatewayState = "ready";
  /** Grows with each crash: what was under way before is not under way any more. */
  let life = 0;

  const tell = (what: string): void => story.tell("gateway", what);

  /** Goes on after a time, unless the gateway has crashed or the run has ended meanwhile. */
  function later(run: Run, delayMs: number, then: () => void): void {
    const lifeThen = life;
    timeline.after(delayMs, () => {
      if (life === lifeThen && run.end === null) then();
    });
  }

  function newRun(
    session: Session,
    input: string,
    { right, resumes, answer }: Pick<Run, "right" | "resumes" | "answer">,
  ): Run {
    const ending: Ending = {
      kind: weather.ending(),
      tookMs: weather.isSlow() ? random.between(5_000, 45_000) : random.between(100, 4_000),
    };
    const id = `r${runs.length + 1}`;
    const run: Run = {
      id,
      input,
      session,
      phase: "arrived",
      ending,
      prompt: [],
      end: null,
      resumes,
      right,
      sentAfter: session.lastSeq,
      answer,
    };
    runs.push(run);
    session.runs.push(run);
    return run;
  }

  /** One after the other, in the order in which they arrived. */
  function startNext(session: Session): void {
    if (session.active !== null || session.interrupted !== null || state === "down") return;
    const run = session.waiting.shift();
    if (run === undefined) return;
    session.active = run;
    later(run, random.between(20, 100), () => {
      leaveTrace(run);
      later(run, random.between(30, 100), () => {
        session.rows = session.rows.filter(({ isCut }) => isCut !== true);
        run.prompt = [...session.cutTexts, run.input];
        session.cutTexts = [];
        ask(run, { role: "user", content: run.input, rawSeq: ++session.lastSeq });
      });
    });
  }

  function leaveTrace(run: Run): void {
    const { session } = run;
    run.phase = "traced";
    session.id ??= `s${sessions.size}`;
    session.status = "running";
    session.abortedLastRun = false;
    session.lastRunId = run.id;
    session.startedAt = startMs + timeline.now();
  }

  function ask(run: Run, row: Session["rows"][number]): void {
    run.phase = "asked";
    run.session.rows.push(row);
    if (run.prompt.length > 1) story.count("the text of a cut run leaked into the next prompt");
    tell(`${run.id}: the model is asked "${run.prompt.join(" + ")}"`);
    later(run, run.ending.tookMs, () => end(run));
  }

  function end(run: Run): void {
    const { session, ending } = run;
    const hasFailed = ending.kind === "failed";
    run.end = hasFailed ? "error" : "reply";
    story.count(`a run ended: ${ending.kind}${run.resumes === null ? "" : ", taken up after a crash"}`);
    session.status = hasFailed ? "failed" : "done";
    const text = hasFailed ? failureText : textOf(run);
    session.rows.push({
      role: "assistant",
      content: [{ type: "text", text: ending.kind === "withheld" ? "[too large]" : text }],
      ...(ending.kind === "withheld"
        ? { isTruncated: true }
        : { stopReason: hasFailed ? "error" : ending.kind === "truncated" ? "length" : "stop" }),
      runId: run.id,
      rawSeq: ++session.lastSeq,
    });
    tell(`${run.id}: ends with ${ending.kind}`);
    leave(run);
    run.answer(hasFailed ? { type: "failed", run } : { type: "ended", run, text });
  }

  /** Makes way for the next of its session. */
  function leave(run: Run): void {
    const { session } = run;
    run.phase = "ended";
    session.waiting = session.waiting.filter((each) => each !== run);
    if (session.active === run) session.active = null;
    startNext(session);
    endDrain();
  }

  function hangUp(run: Run): void {
    if (run.end !== null) return;
    run.end = "cut";
    const { session } = run;
    story.count(`a run was cut: ${session.active === run ? run.phase : "waiting"}`);
    tell(`${run.id}: its client has gone (${run.phase})`);
    if (run.phase === "traced" || run.phase === "asked") {
      session.status = "killed";
      session.abortedLastRun = true;
    }
    if (run.phase === "asked") {
      session.cutTexts = run.prompt;
      session.rows.at(-1)!.isCut = true;
    }
    leave(run);
  }

  function endDrain(): void {
    const isBusy = [...sessions.values()].some((each) => openRuns(each).length > 0);
    if (state === "draining" && !isBusy) goDown();
  }

  function goDown(): void {
    state = "down";
    tell("is down");
    timeline.after(random.between(500, 12_000), () => {
      state = "starting";
      tell("starts");
      timeline.after(random.between(2_000, 15_000), getReady);
    });
  }

  function getReady(): void {
    state = "ready";
    tell("is ready");
    for (const session of sessions.values()) {
      if (session.interrupted === null) continue;
      const lifeThen = life;
      timeline.after(random.between(0, 3_000), () => {
        if (life === lifeThen) takeUp(session);
      });
    }
  }

  /** What a crash interrupted the gateway finishes by itself, under a new id; unless it gives that up, and nothing shows it. */
  function takeUp(session: Session): void {
    const before = session.interrupted!;
    session.interrupted = null;
    if (random.chance(0.1)) {
      story.count("the gateway never took up what a crash interrupted");
      tell(`${before.id}: is never taken up`);
      startNext(session);
      endDrain();
      return;
    }
    const run = newRun(session, before.input, {
      right: "holds the lease",
      resumes: before,
      answer() {},
    });
    run.prompt = before.prompt;
    session.active = run;
    tell(`${run.id}: takes up ${before.id}`);
    leaveTrace(run);
    const provenance = { kind: "internal_system" };
    ask(run, { role: "user", content: "Go on.", provenance, rawSeq: ++session.lastSeq });
  }

  return {
    state: () => state,
    sessions,
    runs,
    hangUp,

    receive({ right, sessionKey, input, answer }) {
      if (state === "down") answer({ type: "unreachable" });
      else if (state !== "ready") answer({ type: "unavailable" });
      else if (options.isRefused(input)) answer({ type: "refused" });
      else {
        const session = sessions.get(sessionKey) ?? createSession(sessionKey);
        sessions.set(sessionKey, session);
        const others = openRuns(session);
        const run = newRun(session, input, { right, resumes: null, answer });
        tell(`${run.id}: arrives for ${input}`);
        options.onReceived(run, others);
        session.waiting.push(run);
        startNext(session);
        return run;
      }
      return null;
    },

    control(method, { sessionKey, key, limit }) {
      if (state === "down") throw new Error("connect ECONNREFUSED");
      const name = String(sessionKey ?? key);
      const session = sessions.get(name) ?? createSession(name);
      return method === "chat.history" ? historyOf(session, Number(limit)) : descriptionOf(session);
    },

    crash() {
      if (state === "down" || state === "starting") return;
      story.count("the gateway crashed");
      tell("crashes");
      life++;
      for (const session of sessions.values()) {
        for (const run of openRuns(session)) {
          if (run === session.interrupted) continue;
          run.end = "crash";
          if (run.phase === "asked") session.interrupted = run;
          // Nothing is in the history yet that could be taken up.
          if (run.phase === "traced") {
            session.status = "killed";
            session.abortedLastRun = true;
          }
          run.phase = "ended";
          run.answer({ type: "cut" });
        }
        session.active = null;
        session.waiting = [];
      }
      goDown();
    },

    restart() {
      if (state !== "ready") return;
      story.count("the gateway restarted");
      tell("drains");
      state = "draining";
      endDrain();
    },
  };
}

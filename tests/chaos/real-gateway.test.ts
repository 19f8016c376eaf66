/**
 * Real processes and SIGKILL with the real gateway, which is killed too. The runtimes look into its sessions (promise 5):
 * what its history holds is posted, and never asked for again. How often the model was asked is counted at the model
 * provider, which outlives everybody.
 *
 * A gateway that was killed takes up by itself what it was at when it starts again: it tells the model that it was
 * interrupted, in words of its own, and what the model says to that is the reply. Such a call is nobody's repetition. Our
 * model provider takes these words for the question; a real model would know what it was asked before.
 */
import { createGatewayControl } from "@lobstercontrol/openclaw-client/control";
import { expect, it, onTestFailed, onTestFinished } from "vitest";
import type { ModelProviderServer } from "../../examples/quickstart/gateway/model-provider.ts";
import { describeGateway } from "../gateway/fixture.ts";
import { groupBy } from "./group-by.ts";
import { judge, withoutReason } from "./judge.ts";
import { openRealGateway } from "./real-gateway.ts";
import { drawSeed } from "./seed.ts";
import { openStage, type Stage } from "./stage.ts";
import { openToxicProxy, type ToxicProxy } from "./toxic-proxy.ts";
import { until } from "./until.ts";

const threads = 6;
const each = 10;
const words = ' DELAY=300 SAY="re: *"';
const patience = 120_000;

/** Who is killed; `answers` are on their way meanwhile, or held back until the history alone knows of them. */
const strikes = [
  ...Array.from({ length: 3 }, () => ({ victim: "runtime", answers: "arrive" }) as const),
  ...Array.from({ length: 2 }, () => ({ victim: "runtime", answers: "held back" }) as const),
  { victim: "gateway", answers: "arrive" },
  { victim: "gateway", answers: "held back" },
  { victim: "platform", answers: "arrive" },
] as const;

describeGateway("promises 1 to 5 when everybody is killed, the real gateway too", () => {
  it("what its history holds is not run again", async () => {
    const { seed, random } = drawSeed();
    const startedAt = performance.now();
    const { models, start } = await openRealGateway();
    let way: ToxicProxy | undefined;
    const stage = await openStage({
      threads,
      each,
      overHttp: false,
      real: {
        start,
        openWay: async (port) => (way = await openToxicProxy(() => port)),
        words,
        progress: () => models.calls.length,
      },
    });
    const control = createGatewayControl({
      url: `http://127.0.0.1:${stage.gateway.port}`,
      token: stage.gateway.token,
    });
    onTestFinished(() => control.close());
    onTestFailed(() => {
      // What the model was shown when the gateway took a turn up: whether it could know what it was asked.
      const takenUp = models.calls.filter(({ text }) => text.startsWith(interrupted));
      for (const { request } of takenUp)
        console.log(JSON.stringify(request.messages.filter(({ role }) => role !== "system")));
    });
    const callsFor = (input: string): number => models.calls.filter(({ text }) => text === input).length;
    /** What the history held when somebody was killed, and how often the model had been asked for it by then. */
    const held = new Map<string, number>();

    await until("the model is asked", () => models.calls.length > 0, patience);
    const drawn: (typeof strikes)[number][] = [];
    for (const left = [...strikes]; left.length > 0;)
      drawn.push(...left.splice(random.between(0, left.length - 1), 1));
    for (const { victim, answers } of drawn) {
      const enough = models.calls.length + random.between(0, 4);
      await until(`the model was asked ${enough} times`, () => models.calls.length >= enough, patience);
      const isHeld = async (): Promise<boolean> => {
        const inputs = await repliesHeld(stage, control);
        for (const input of inputs) held.set(input, callsFor(input));
        return inputs.length > 0;
      };
      if (answers === "held back") {
        way?.set({ kind: "deaf" });
        await until("the history holds a reply that did not arrive", isHeld, patience);
      }
      const part = random.pick(stage.partsOf(victim));
      expect(await stage.kill(part)).toBe(true);
      // What was held back is lost, to whomever it was on its way.
      if (answers === "held back") way?.set({ kind: "cut" });
      way?.set({ kind: "none" });
      stage.restart(part);
    }

    try {
      await until("all are delivered or dead", () => stage.isOver(), 2 * patience);
    } catch (error) {
      console.log(JSON.stringify(await whatIsLeft(stage, control)));
      throw error;
    }
    const dead = (await stage.admin.deadLetters()).items.toReversed();
    expect(withoutReason(dead)).toEqual([]);
    stage.mend();
    for (const { id } of dead) await stage.admin.redrive(id);
    await until("the platform has all messages", () => stage.messages().length === threads * each, patience);

    const evidence = await stage.evidence();
    const problems = judge({
      ...evidence,
      heard: models.calls.map(({ text }) => text).filter((text) => evidence.inputs.includes(text)),
      isReply: (input, text) => text === /SAY="(.*)"/.exec(input)?.[1] || isTakenUp(models, input, text),
      redriven: dead.map(({ input }) => input),
    });
    expect(problems).toEqual([]);
    const runAgain = [...held].filter(([input, calls]) => callsFor(input) !== calls).map(([input]) => input);
    expect(runAgain).toEqual([]);
    expect(held.size).toBeGreaterThanOrEqual(3);
    expect(await stage.drain()).toEqual([0, 0]);
    expect(stage.unexpected).toEqual([]);

    const verdicts = groupBy(stage.files.resolved.read(), ({ verdict }) => verdict);
    expect(verdicts.get("ran")?.length).toBeGreaterThanOrEqual(held.size);
    const takenUp = models.calls.filter(({ text }) => text.startsWith(interrupted)).length;
    expect(models.calls.filter(({ text }) => !evidence.inputs.includes(text))).toHaveLength(takenUp);
    const repeated = stage.messages().filter((message) => message.repeated).length;
    const took = Math.round((performance.now() - startedAt) / 1_000);
    console.log(
      [
        `seed ${seed}: ${took} s, ${drawn.map(({ victim, answers }) => `${victim} (answers ${answers})`).join(", ")}`,
        `${models.calls.length} calls of the model, ${repeated} messages repeated, ${dead.length} dead and redriven`,
        `${held.size} replies were held by the history alone at a kill, and none was run again`,
        `${takenUp} turns were taken up by the gateway after its death`,
        `verdicts: ${Array.from(verdicts, ([verdict, entries]) => `${verdict} ${entries.length}`).join(", ")}`,
      ].join("\n"),
    );
  }, 900_000);
});

const interrupted = "[System] Your previous turn was interrupted by a gateway restart";

/** Whether it is what our model says to the gateway's own words, and was shown this input beside them. */
function isTakenUp(models: ModelProviderServer, input: string, text: string): boolean {
  const written = JSON.stringify(input).slice(1, -1);
  const wasShown = models.calls.some(
    (call) => call.text.startsWith(interrupted) && JSON.stringify(call.request.messages).includes(written),
  );
  return text.includes(interrupted) && wasShown;
}

/** What is neither delivered nor dead, and what its session says of it. */
async function whatIsLeft(
  stage: Stage,
  control: ReturnType<typeof createGatewayControl>,
): Promise<unknown[]> {
  const pages = await Promise.all(
    (["pending", "leased"] as const).map((state) => stage.admin.notifications({ state })),
  );
  const left = pages.flatMap(({ items }) => items).filter(({ attempt }) => attempt !== null);
  return await Promise.all(
    left.map(async ({ state, input, attempts, waits, lastError, attempt }) => {
      const { sessionKey, sessionMark: mark } = attempt!;
      const verdict = mark === null ? null : await control.didRun({ sessionKey, mark }).catch(String);
      return { state, input, attempts, waits, lastError, attempt, verdict };
    }),
  );
}

/** The inputs that are leased, and whose reply the history has. */
async function repliesHeld(
  stage: Stage,
  control: ReturnType<typeof createGatewayControl>,
): Promise<string[]> {
  const leased = (await stage.admin.notifications({ state: "leased" })).items;
  const found = await Promise.all(
    leased.map(async ({ input, attempt }) => {
      if (attempt === null || attempt.sessionMark === null || attempt.outcome !== null) return null;
      const { sessionKey, sessionMark: mark } = attempt;
      const { verdict, text } = await control
        .didRun({ sessionKey, mark })
        .catch(() => ({ verdict: "unknown", text: undefined }));
      return verdict === "ran" && text !== undefined ? input : null;
    }),
  );
  return found.filter((input) => input !== null);
}

import type { Notification, NotificationId } from "@lobstercontrol/core";
import type { Bug } from "./bugs.ts";
import { Violation } from "./checks/violation.ts";
import { createMemoryControlPlane } from "./control-plane/control-plane.ts";
import { createFleet } from "./fleet.ts";
import { createGateway } from "./gateway/gateway.ts";
import { createJudge } from "./judge.ts";
import { createRandom } from "./random.ts";
import { createStory, type Story } from "./story.ts";
import { createTimeline } from "./timeline.ts";
import { createTroubles } from "./troubles.ts";
import { createWeather } from "./weather.ts";

/** How a seed came out. */
export interface Outcome {
  seed: number;
  /** What went wrong; null when every promise was kept. */
  problem: Error | null;
  story: Pick<Story, "lines" | "counts">;
  steps: number;
}

const startMs = 1_700_000_000_000;
const minuteMs = 60_000;
/** Nothing waits longer than an hour, and not more than a few things wait for each other. */
const patienceMs = 6 * 60 * minuteMs;

/**
 * Plays one seed from its first event to its last: some minutes in which things go wrong, then calm until everything is
 * delivered or dead, then a redrive of what is dead, and a drain.
 */
export async function simulate(seed: number, bug: Bug | null = null): Promise<Outcome> {
  const random = createRandom(seed);
  const timeline = createTimeline();
  const story = createStory(timeline);
  const weather = createWeather(random.fork());
  const names = new Map<string, string>();
  const nameOf = (id: string): string =>
    names.get(id) ?? tables.notifications.get(id as NotificationId)?.idempotencyKey ?? id;
  const refusedInputs = new Set<string>();

  let clockOffsetMs = startMs;
  let clockSetAt = -Infinity;
  let isAway = false;
  const clock = { now: () => clockOffsetMs + timeline.now() };
  const { tables, platform, ...controlPlane } = createMemoryControlPlane({
    clock,
    random: random.fork().next,
    maxAttempts: random.between(1, 4),
    backoff: { baseMs: 1_000, capMs: minuteMs },
  });
  await platform.upsertAccount({ account: "acme" });
  const writer = { account: "acme", agent: "writer" };
  await platform.upsertAgent({ ...writer, heartbeatEveryMs: minuteMs });
  const admin = controlPlane.admin({ id: "user-1" }, "acme");
  const honestPort = controlPlane.runtime((await admin.issueServiceToken()).token);
  const port = bug?.controlPlane?.(honestPort, { tables, timeline, clock }) ?? honestPort;

  const judge = createJudge({ tables, clock, elapsed: timeline.now, gateway: () => gateway, story, nameOf });
  const gateway = createGateway({
    timeline,
    random: random.fork(),
    weather,
    story,
    startMs,
    isRefused: (input) => refusedInputs.has(input),
    onReceived: judge.onReceived,
  });
  const fleet = createFleet({
    timeline,
    random: random.fork(),
    weather,
    story,
    judge,
    gateway,
    tables,
    port,
    bug,
    startMs,
    nameOf,
    isAway: () => isAway,
    clockSetAt: () => clockSetAt,
  });

  const inState = (...states: Notification["state"][]): Notification[] =>
    [...tables.notifications.values()].filter(({ state }) => states.includes(state));
  /** Those that may be redriven with success. */
  const dead = (): Notification[] => inState("dead").filter(({ input }) => !refusedInputs.has(input));

  async function notify(thread: string, isRefused: boolean): Promise<void> {
    const input = `n${names.size + 1}`;
    if (isRefused) refusedInputs.add(input);
    const wanted = { account: "acme", agent: "writer", thread, input, idempotencyKey: input };
    names.set(await platform.notify(wanted), input);
    story.tell("platform", `notifies ${input} in ${thread}`);
  }

  async function redrive(id: NotificationId): Promise<void> {
    judge.onCall({ name: "redrive", notification: id });
    story.count("redriven");
    story.tell("admin", `redrives ${nameOf(id)}`);
    await admin.redrive(id);
  }

  let steps = 0;
  /** False when there is nothing more to see. */
  async function step(): Promise<boolean> {
    const went = await timeline.step();
    steps++;
    judge.afterStep();
    return went && judge.problem() === null;
  }
  async function playUntil(isOver: () => boolean): Promise<void> {
    while (judge.problem() === null && !isOver()) if (!(await step())) return;
  }

  /** Until everything is delivered or dead, and what is still on its way has arrived. */
  async function settle(): Promise<void> {
    const from = timeline.now();
    const isOpen = (): boolean => inState("pending", "leased").length > 0;
    await playUntil(() => timeline.now() > from + (isOpen() ? patienceMs : 2 * minuteMs));
    judge.guard(() => {
      for (const { id, state } of inState("pending", "leased"))
        throw new Violation(1, `${nameOf(id)} is ${state} hours after the last fault`);
    });
  }

  const troubles = createTroubles({
    timeline,
    random: random.fork(),
    story,
    gateway,
    ...fleet,
    notify,
    redrive,
    dead,
    jump(process, byMs) {
      clockSetAt = timeline.now();
      if (process === null) clockOffsetMs += byMs;
      else process.jump(byMs);
    },
    setAway: (away) => void (isAway = away),
  });
  troubles.begin();
  await playUntil(() => timeline.now() >= troubles.lastMs);
  weather.clearUp();
  troubles.end();
  // Or the end would never come.
  await platform.upsertAgent(writer);
  story.tell("", "--- from here on nothing goes wrong any more");
  await settle();

  for (let round = 0; round < 3 && dead().length > 0 && judge.problem() === null; round++) {
    for (const { id } of dead()) {
      await redrive(id);
      judge.afterStep();
    }
    await settle();
  }
  judge.guard(() => {
    for (const { id } of dead()) throw new Violation(1, `${nameOf(id)} cannot be brought back to life`);
  });

  judge.expectStatus("online");
  for (const each of fleet.runtimes)
    if (each.process.isAlive() && !each.isStopping) fleet.drain(each, 25_000);
  const until = timeline.now() + 5 * minuteMs;
  await playUntil(() => timeline.now() >= until);
  judge.expectStatus("offline", "Stopped");
  for (const { process } of fleet.runtimes) process.kill();
  return { seed, problem: judge.problem(), story, steps };
}

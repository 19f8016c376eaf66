import type { Notification, NotificationId } from "@lobstercontrol/core";
import type { Gateway } from "./gateway/gateway.ts";
import type { Process } from "./process.ts";
import type { Random } from "./random.ts";
import type { RuntimeProcess } from "./runtime-process.ts";
import type { Story } from "./story.ts";
import type { Timeline } from "./timeline.ts";

/** What happens to the parts from outside. */
export interface Troubles {
  /** When they are over, in milliseconds. */
  lastMs: number;
  begin(): void;
  end(): void;
}

export interface TroublesOptions {
  timeline: Timeline;
  random: Random;
  story: Story;
  gateway: Gateway;
  runtimes: readonly RuntimeProcess[];
  start(workerId: string): void;
  drain(each: RuntimeProcess, graceMs: number): void;
  notify(thread: string, isRefused: boolean): Promise<void>;
  redrive(id: NotificationId): Promise<void>;
  dead(): Notification[];
  /** Sets a clock: that of a process, or null for the control plane's. */
  jump(process: Process | null, byMs: number): void;
  setAway(isAway: boolean): void;
}

const minuteMs = 60_000;
const jumpsMs = [minuteMs, 60 * minuteMs, 24 * 60 * minuteMs];

export function createTroubles(options: TroublesOptions): Troubles {
  const { timeline, random, story, gateway, runtimes, start, drain } = options;
  const lastMs = random.between(1, 4) * minuteMs;
  let isOver = false;
  let workers = random.between(1, 2);
  const threads = random.between(1, 4);
  const refusedShare = random.pick([0, 0, 0.1]);

  const running = (): RuntimeProcess[] =>
    runtimes.filter(({ process, isStopping }) => process.isAlive() && !isStopping);

  /** Now and then, until it is over. */
  function often(meanMs: number, act: () => void): void {
    timeline.after(random.between(meanMs * 0.2, meanMs * 1.8), () => {
      if (isOver) return;
      act();
      often(meanMs, act);
    });
  }

  function told(what: string, name = ""): void {
    story.count(what);
    story.tell(name, what);
  }

  function restart(workerId: string, afterMs: number): void {
    timeline.after(afterMs, () => {
      if (!isOver) start(workerId);
    });
  }

  /** The same worker again, or another one in its place. */
  const successor = (workerId: string): string => (random.chance(0.7) ? workerId : `w${++workers}`);

  const kinds: Record<string, (each: RuntimeProcess | null) => void> = {
    crash(each) {
      if (each === null) return;
      told("a runtime crashed", each.process.name);
      each.process.kill();
      restart(successor(each.workerId), random.chance(0.3) ? 0 : random.between(0, 20_000));
    },
    overlap(each) {
      if (each === null) return;
      told("a runtime was started while another one of its name ran", each.process.name);
      start(each.workerId);
    },
    pause(each) {
      if (each === null) return;
      told("a runtime was paused", each.process.name);
      each.process.pause(random.between(500, 60_000));
    },
    drain(each) {
      if (each === null) return;
      told("a runtime was drained", each.process.name);
      drain(each, random.pick([100, 5_000, 25_000]));
      const workerId = successor(each.workerId);
      restart(workerId, workerId === each.workerId ? 30_000 : 0);
    },
    jump(each) {
      const byMs = random.pick(jumpsMs) * (random.chance(0.5) ? 1 : -1);
      if (each !== null && random.chance(0.4)) {
        told(`the clock of a runtime was set ${byMs > 0 ? "forward" : "back"}`, each.process.name);
        return options.jump(each.process, byMs);
      }
      told(`the clock of the control plane was set ${byMs > 0 ? "forward" : "back"}`);
      options.jump(null, byMs);
    },
    away() {
      told("the control plane is away");
      options.setAway(true);
      timeline.after(random.between(500, 40_000), () => options.setAway(false));
    },
    crashGateway: () => gateway.crash(),
    restartGateway: () => gateway.restart(),
    redrive() {
      const dead = options.dead();
      if (dead.length > 0) void options.redrive(random.pick(dead).id);
    },
  };

  return {
    lastMs,
    begin() {
      const first = workers;
      for (let worker = 1; worker <= first; worker++) start(`w${worker}`);
      const count = random.between(4, 20);
      for (let index = 0; index < count; index++) {
        const atMs = random.chance(0.3) ? 0 : random.between(0, lastMs * 0.9);
        const thread = `t${random.between(1, threads)}`;
        const isRefused = random.chance(refusedShare);
        timeline.after(atMs, () => void options.notify(thread, isRefused));
      }
      for (const act of Object.values(kinds)) {
        if (!random.chance(0.4)) continue;
        const meanMs = random.pick([10_000, 30_000, 90_000]);
        often(meanMs, () => {
          const ones = running();
          act(ones.length === 0 ? null : random.pick(ones));
        });
      }
    },
    end() {
      isOver = true;
      options.setAway(false);
      // Of those that run one may be fenced and not know it yet.
      start(`w${++workers}`);
    },
  };
}

import type { Clock } from "@lobstercontrol/core";
import type { Timeline } from "./timeline.ts";

/** A process of its own: its view of the time dies with it, and nothing reaches it while it is paused. */
export interface Process {
  name: string;
  clock: Clock;
  isAlive(): boolean;
  hasBeenPaused(): boolean;
  /** Goes on inside it, such as with an answer: now, when it wakes, or never. */
  enter(run: () => void): void;
  /** As `SIGSTOP`, a suspended machine or a long collection of garbage do. */
  pause(forMs: number): void;
  /** As `kill -9` does. */
  kill(): void;
  /** Called when it dies, at once: the operating system closes its connections. */
  onDeath(run: () => void): () => void;
  /** Sets its wall clock. */
  jump(byMs: number): void;
  /** How many timers wait. */
  timers(): number;
  /** How many of its calls have not been answered. */
  unanswered(): number;
  /** Counts a call until it is answered. */
  waitFor<T>(answer: Promise<T>): Promise<T>;
}

export function createProcess(name: string, timeline: Timeline, startMs: number): Process {
  const timers = new Set<object>();
  const deathListeners = new Set<() => void>();
  let overdue: (() => void)[] = [];
  let inbox: (() => void)[] = [];
  let alive = true;
  let wasPaused = false;
  let wakesAt: number | null = null;
  let unanswered = 0;
  let offsetMs = startMs;

  function wake(): void {
    if (wakesAt === null || timeline.now() < wakesAt) return;
    wakesAt = null;
    // First the timers, then what came in meanwhile: so does Node.
    for (const run of [...overdue, ...inbox]) timeline.after(0, () => enter(run));
    overdue = [];
    inbox = [];
  }

  function enter(run: () => void): void {
    if (!alive) return;
    if (wakesAt === null) run();
    else inbox.push(run);
  }

  return {
    name,
    enter,
    isAlive: () => alive,
    hasBeenPaused: () => wasPaused,
    timers: () => timers.size,
    unanswered: () => unanswered,
    waitFor(answer) {
      unanswered++;
      return answer.finally(() => unanswered--);
    },
    clock: {
      now: () => offsetMs + timeline.now(),
      after(delayMs, run) {
        const timer = {};
        timers.add(timer);
        const fire = (): void => {
          if (timers.delete(timer)) run();
        };
        timeline.after(delayMs, () => {
          if (alive && wakesAt === null) fire();
          else overdue.push(fire);
        });
        return () => timers.delete(timer);
      },
    },
    pause(forMs) {
      wasPaused = true;
      wakesAt = Math.max(wakesAt ?? 0, timeline.now() + forMs);
      timeline.after(forMs, wake);
    },
    kill() {
      if (!alive) return;
      alive = false;
      timers.clear();
      for (const listener of deathListeners) listener();
    },
    onDeath(run) {
      deathListeners.add(run);
      return () => deathListeners.delete(run);
    },
    jump: (byMs) => void (offsetMs += byMs),
  };
}

import type { Process } from "./process.ts";
import type { Random } from "./random.ts";
import type { Story } from "./story.ts";
import type { Timeline } from "./timeline.ts";
import type { Fate, Weather } from "./weather.ts";

/** A call's way to another process and back. */
export interface Network {
  /** Takes note of a call that goes another way. */
  note(from: Process, name: string): void;
  /**
   * @param from whose call it is; what comes of it reaches nobody when that has died
   * @param name for the story
   * @param perform has the effect, there
   */
  call<T>(from: Process, name: string, perform: () => Promise<T>): Promise<T>;
}

/** How long a caller waits for an answer before it takes the call for lost. */
const timeoutMs = 30_000;

export interface NetworkOptions {
  timeline: Timeline;
  random: Random;
  weather: Weather;
  story: Story;
  onCall: (from: Process, name: string, fate: Fate) => void;
}

export function createNetwork({ timeline, random, weather, story, onCall }: NetworkOptions): Network {
  const hop = (): number => random.between(1, 15);

  return {
    note: (from, name) => onCall(from, name, "well"),
    call: (from, name, perform) =>
      new Promise((resolve, reject) => {
        const fate = weather.fate();
        onCall(from, name, fate);
        const [there, back] = [hop(), hop()];
        const long = random.between(1_000, 25_000);
        if (fate !== "well") {
          story.count(`a call: ${fate}`);
          story.tell(from.name, `${name}: ${fate}`);
        }
        const lost = (afterMs: number, reason: string): void =>
          void timeline.after(afterMs, () => from.enter(() => reject(new TypeError(reason))));
        const arrive = (afterMs: number): void =>
          void timeline.after(afterMs, () => void perform().catch(() => {}));
        const answerAfter = (thereMs: number, backMs: number): void =>
          void timeline.after(thereMs, () => {
            perform().then(
              (value) => timeline.after(backMs, () => from.enter(() => resolve(value))),
              (error: unknown) => timeline.after(backMs, () => from.enter(() => reject(error))),
            );
          });

        switch (fate) {
          case "well":
            return answerAfter(there, back);
          case "refused":
            return lost(there, "connect ECONNREFUSED");
          case "answer lost":
            arrive(there);
            return lost(there + back, "socket hang up");
          case "late request":
            return answerAfter(long, back);
          case "late answer":
            return answerAfter(there, long);
          case "hangs":
            return lost(timeoutMs, "timeout");
          case "hangs, and arrives":
            arrive(there);
            return lost(timeoutMs, "timeout");
          case "hangs, and arrives afterwards":
            arrive(timeoutMs + long);
            return lost(timeoutMs, "timeout");
          case "twice":
            arrive(there + long);
            return answerAfter(there, back);
        }
      }),
  };
}

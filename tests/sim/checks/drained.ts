import type { Notification } from "@lobstercontrol/core";
import type { Process } from "../process.ts";
import { Violation } from "./violation.ts";

/** Promise 13: once `stop()` has resolved, nothing more is called, no timer waits, and nothing is held. */
export function drained(nameOf: (id: Notification["id"]) => string) {
  const stopped = new Set<Process>();
  /** Those that have stopped in this step. */
  const fresh = new Set<Process>();

  return {
    onCall(from: Process, name: string): void {
      if (stopped.has(from)) throw new Violation(13, `${from.name} calls ${name} after stop() has resolved`);
    },
    afterStep(): void {
      for (const process of fresh) {
        fresh.delete(process);
        if (process.timers() > 0)
          throw new Violation(
            13,
            `${process.name} has ${process.timers()} timers after stop() has resolved, and ${process.unanswered()} calls unanswered`,
          );
      }
    },

    /** @param held what is still leased to it, when the control plane could be told all the time */
    onStopped(process: Process, held: readonly Notification[]): void {
      stopped.add(process);
      fresh.add(process);
      for (const { id } of held)
        throw new Violation(
          13,
          `${process.name} has stopped and neither finished nor handed back ${nameOf(id)}`,
        );
    },
  };
}

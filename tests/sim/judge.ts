import {
  heartbeatThread,
  type Clock,
  type LobsterError,
  type Notification,
  type NotificationId,
  type RuntimeInfo,
} from "@lobstercontrol/core";
import { drained } from "./checks/drained.ts";
import { goesOn } from "./checks/goes-on.ts";
import { heartbeats } from "./checks/heartbeats.ts";
import { leases } from "./checks/leases.ts";
import { messages } from "./checks/messages.ts";
import { neverLost } from "./checks/never-lost.ts";
import { order } from "./checks/order.ts";
import { resolved } from "./checks/resolved.ts";
import { truthful } from "./checks/truthful.ts";
import type { Call, Change } from "./checks/step.ts";
import type { Tables } from "./control-plane/tables.ts";
import type { Gateway } from "./gateway/gateway.ts";
import type { Run } from "./gateway/session.ts";
import type { Process } from "./process.ts";
import type { Story } from "./story.ts";

/** Sees all that happens, and says which promise was broken first. */
export interface Judge {
  /** Null while every promise has been kept. */
  problem(): Error | null;
  /**
   * Takes note of what a check throws. It must not be thrown into a process, which would only take it for a call that
   * failed.
   */
  guard(check: () => void): void;
  /** A call is about to have its effect on the control plane. */
  onCall(call: Call): void;
  /** A process makes a call of whatever kind. */
  onSent(from: Process, name: string): void;
  /** The gateway has let a run in. */
  onReceived(run: Run, others: readonly Run[]): void;
  /** A runtime has ended; `error` is why, when nobody asked it to. */
  onEnded(process: Process, error: LobsterError | null): void;
  /** `stop()` has resolved; `held` are the notifications that should have been handed back and were not. */
  onStopped(process: Process, held: readonly Notification[]): void;
  afterStep(): void;
  /** What everybody must be told of the runtime now that nothing goes wrong. */
  expectStatus(wanted: RuntimeInfo["status"], reason?: string): void;
}

export interface JudgeOptions {
  tables: Tables;
  clock: Pick<Clock, "now">;
  /** Milliseconds since the beginning, whatever is done to clocks. */
  elapsed: () => number;
  gateway: () => Gateway;
  story: Story;
  nameOf: (id: NotificationId) => string;
}

export function createJudge({ tables, clock, elapsed, gateway, story, nameOf }: JudgeOptions): Judge {
  let problem: Error | null = null;
  let call: Call | null = null;
  /** The notifications as the last step left them, and how many attempts of each have begun. */
  const seen = new Map<NotificationId, Notification>();
  const begun = new Map<NotificationId, number>();

  const isNeverLost = neverLost(nameOf);
  const isLeased = leases(nameOf, clock);
  const isInOrder = order(nameOf);
  const isAlone = heartbeats(nameOf);
  const isResolved = resolved({
    nameOf,
    sessionOf: ({ id }) => gateway().sessions.get(tables.queueOf.get(id)!.sessionKey),
    byInput: (input) => notificationOf(tables, input),
    story,
  });
  const isPosted = messages(nameOf, () => gateway().runs, begun, isResolved.isOverrun, story);
  const isDrained = drained(nameOf);
  const isTrue = truthful(tables, { elapsed, wall: clock.now });

  function guard(check: () => void): void {
    try {
      check();
    } catch (error) {
      story.tell("", `--- ${(error as Error).message}`);
      problem ??= error as Error;
    }
  }

  return {
    problem: () => problem,
    guard,
    onCall: (next) => void (call = next),
    onSent: (from, name) => guard(() => isDrained.onCall(from, name)),
    onReceived: (run, others) => guard(() => isResolved.onReceived(run, others)),
    onEnded: (process, error) => guard(() => goesOn(process, error)),
    onStopped: (process, held) => guard(() => isDrained.onStopped(process, held)),
    expectStatus: (wanted, reason) => guard(() => isTrue.expect(wanted, reason)),
    afterStep() {
      const { notifications } = tables;
      const changes: Change[] = [];
      for (const after of notifications.values()) {
        const before = seen.get(after.id) ?? null;
        if (before === after) continue;
        changes.push({ before, after });
        if (before === null && after.thread === heartbeatThread) story.count("a heartbeat");
        if (after.attempt !== null && before?.attempt?.leaseId !== after.attempt.leaseId)
          begun.set(after.id, (begun.get(after.id) ?? 0) + 1);
      }
      const step = { call, changes };
      guard(() => isResolved.afterStep(step));
      guard(() => isNeverLost(step, notifications));
      guard(() => isLeased(step, notifications));
      guard(() => isInOrder(step, notifications));
      guard(() => isAlone(step, notifications));
      guard(() => isDrained.afterStep());
      guard(() => isTrue.afterStep());
      guard(() => isPosted(step, notifications, tables.messages));
      for (const { after } of changes) seen.set(after.id, after);
      call = null;
    },
  };
}

/** Every notification of a story has its own input. */
export function notificationOf({ notifications }: Tables, input: string): Notification {
  for (const each of notifications.values()) if (each.input === input) return each;
  throw new Error(`no notification says ${input}`);
}

import { isUnresolved, type Notification, type NotificationId } from "@lobstercontrol/core";
import type { Run, Session } from "../gateway/session.ts";
import type { Story } from "../story.ts";
import type { Step } from "./step.ts";
import { Violation } from "./violation.ts";

export interface ResolvedOptions {
  nameOf: (id: NotificationId) => string;
  sessionOf: (notification: Notification) => Session | undefined;
  byInput: (input: string) => Notification;
  story: Story;
}

/**
 * Promise 5: nothing is sent on a session key while something runs there or will be taken up, no agent is asked again
 * whose reply the history holds, and no notification dies of a cut connection while it does.
 *
 * A process that was taken over while its `begin` was on the way back cannot know it, and neither can one whose lease was
 * ended by a clock that was set. What it sends is counted, and from there on the session is not judged.
 */
export function resolved({ nameOf, sessionOf, byInput, story }: ResolvedOptions) {
  const overrun = new Set<Session>();

  /** The reply of the last attempt, if the session shows it to whoever has the mark of that attempt. */
  function heldReply({ attempt, input }: Notification, session: Session): Run | null {
    if (!isUnresolved(attempt) || attempt.sessionMark["isUsable"] !== true) return null;
    const since = session.runs.filter((run) => run.sentAfter >= Number(attempt.sessionMark["position"]));
    const [run, ...others] = since.filter(({ resumes, prompt }) => resumes === null && prompt.length > 0);
    if (run?.input !== input || others.length > 0) return null;
    const last = since.at(-1)!;
    return last.end === "reply" && last.ending.kind !== "withheld" ? last : null;
  }

  /** The inputs of those whose last attempt was looked for in vain as often as it may be. */
  const givenUp = new Set<string>();

  return {
    isOverrun(input: string): boolean {
      const session = sessionOf(byInput(input));
      return session !== undefined && overrun.has(session);
    },

    onReceived(run: Run, others: readonly Run[]): void {
      if (overrun.has(run.session)) return;
      const { right } = run;
      if (right !== "holds the lease") {
        overrun.add(run.session);
        story.count(`sent without a lease: ${right}`);
        story.tell("", `${run.id} is sent for ${run.input} without a lease: ${right}`);
        if (right === "its lease ran out")
          throw new Violation(5, `${run.id} is sent for ${run.input} after the lease of its sender ran out`);
        return;
      }
      for (const other of others) {
        if (givenUp.has(other.input)) continue;
        throw new Violation(
          5,
          `${run.id} is sent for ${run.input} while ${other.id} for ${other.input} is not at its end`,
        );
      }
    },

    afterStep({ call, changes }: Step): void {
      for (const { before, after } of changes) {
        if (after.state === "dead" && after.lastError?.code === "ERR_LEASE_EXPIRED") givenUp.add(after.input);
        const session = sessionOf(after);
        if (before === null || session === undefined || overrun.has(session)) continue;
        const begins = call?.name === "begin" && before.attempt?.leaseId !== after.attempt?.leaseId;
        const dies = before.state !== "dead" && after.state === "dead" && !givenUp.has(after.input);
        const held = begins || dies ? heldReply(before, session) : null;
        if (held !== null)
          throw new Violation(
            5,
            `${nameOf(after.id)} ${begins ? "is begun again" : "dies"} although the history holds the reply of ${held.id}`,
          );
      }
    },
  };
}

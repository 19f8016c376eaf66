import type { Message, Notification, NotificationId } from "@lobstercontrol/core";
import { replyTo, type Run } from "../gateway/session.ts";
import type { Story } from "../story.ts";
import type { Step } from "./step.ts";
import { Violation } from "./violation.ts";

/** Promise 3: one message for each notification that was delivered with a reply; its text is that of its own run. */
export function messages(
  nameOf: (id: NotificationId) => string,
  runs: () => readonly Run[],
  begun: ReadonlyMap<NotificationId, number>,
  isOverrun: (input: string) => boolean,
  story: Story,
) {
  let seen = 0;
  const answered = new Set<NotificationId>();
  /** The inputs of those that ever were dead. */
  const died = new Set<string>();

  function checkText({ notification, text, responseId }: Message, input: string): void {
    if (text === replyTo([input])) return;
    const run = runs().find(({ id }) => id === responseId);
    if (run !== undefined && run.input !== input)
      throw new Violation(
        3,
        `the message of ${nameOf(notification)} is the reply to ${run.input} (${run.id})`,
      );
    const others = run?.prompt.filter((each) => each !== input);
    // The gateway puts the text of a run that was cut before the next prompt of its session, whoever is told.
    if (text !== replyTo(run?.prompt ?? []) || others?.every((each) => died.has(each)) !== true)
      throw new Violation(3, `the message of ${nameOf(notification)} says ${JSON.stringify(text)}`);
    story.count("the text of a dead notification got into a message");
  }

  /** The agent may have acted twice, and the message says so: promise 5. */
  function checkRepeated({ notification, repeated }: Message, input: string): void {
    const asked = runs().filter(
      (run) => run.input === input && run.resumes === null && run.prompt.length > 0,
    );
    if (!repeated && asked.length > 1)
      throw new Violation(
        5,
        `the message of ${nameOf(notification)} hides that it ran ${asked.length} times`,
      );
    if (repeated && (begun.get(notification) ?? 0) < 2)
      throw new Violation(
        5,
        `the message of ${nameOf(notification)} says that it is repeated, and it is not`,
      );
  }

  return (
    { changes }: Step,
    all: ReadonlyMap<NotificationId, Notification>,
    posted: readonly Message[],
  ): void => {
    for (const { after } of changes) if (after.state === "dead") died.add(after.input);
    if (posted.length < seen) throw new Violation(3, "a message has vanished");
    while (seen < posted.length) {
      const message = posted[seen++]!;
      const { input, state } = all.get(message.notification)!;
      if (answered.has(message.notification))
        throw new Violation(3, `${nameOf(message.notification)} has two messages`);
      answered.add(message.notification);
      if (state !== "delivered")
        throw new Violation(3, `${nameOf(message.notification)} has a message and is ${state}`);
      if (isOverrun(input)) continue;
      checkText(message, input);
      checkRepeated(message, input);
    }
    for (const { after } of changes) {
      const speaks = after.outcome === "reply" || after.outcome === "truncated";
      if (after.state === "delivered" && speaks && !answered.has(after.id))
        throw new Violation(1, `${nameOf(after.id)} is delivered and its message is nowhere`);
    }
  };
}

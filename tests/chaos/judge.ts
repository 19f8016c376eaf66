import type { Message, Notification } from "@lobstercontrol/core";
import { groupBy } from "./group-by.ts";
import type { Stage } from "./stage.ts";

/** What is left when the storm is over, judged by the promises. Empty when all were kept. */
export async function judge(stage: Stage, redriven: readonly string[]): Promise<string[]> {
  const problems: string[] = [];
  const notifications = (await stage.admin.notifications({ limit: 1_000 })).items;
  const stored = (await stage.admin.messages({ limit: 1_000 })).items;
  const read = messagesOf(stage);
  const byId = new Map(notifications.map((notification) => [notification.id, notification]));
  const runs = groupBy(stage.files.runs.read(), ({ input }) => input);

  function lost(): void {
    const known = new Map(notifications.map((notification) => [notification.input, notification]));
    for (const input of stage.inputs) {
      const notification = known.get(input);
      if (notification === undefined) problems.push(`promise 1: ${input} is lost`);
      else if (notification.state !== "delivered")
        problems.push(`promise 1: ${input} is ${notification.state}`);
    }
    if (notifications.length !== stage.inputs.length)
      problems.push(`promise 1: there are ${notifications.length} notifications`);
  }

  function stale(): void {
    const leases = stage.leases();
    for (const { notification, lease } of stage.files.completes.read())
      if (leases.get(notification)?.at(-1)?.lease !== lease)
        problems.push(`promise 2: a stale holder has completed ${byId.get(notification as never)?.input}`);
  }

  function posted(): void {
    const answers = groupBy(read, ({ notification }) => notification);
    for (const { id, input } of notifications) {
      const messages = answers.get(id) ?? [];
      if (messages.length !== 1) problems.push(`promise 3: ${input} has ${messages.length} messages`);
      for (const { text, repeated } of messages) {
        const ofInput = runs.get(input) ?? [];
        if (!ofInput.some(({ run }) => text === `${input}, by ${run}`))
          problems.push(`promise 3: the message of ${input} says "${text}"`);
        if (ofInput.length > 1 && !repeated)
          problems.push(`promise 5: the message of ${input} hides that it ran ${ofInput.length} times`);
      }
    }
    const ids = (messages: readonly Message[]) =>
      messages
        .map(({ id }) => id)
        .toSorted()
        .join();
    if (ids(read) !== ids(stored)) problems.push("promise 3: the platform did not read what was posted");
  }

  function ordered(): void {
    for (const thread of stage.threads) {
      const inThread = (input: string) => input.startsWith(`${thread} `);
      const wanted = [
        ...stage.inputs.filter((input) => inThread(input) && !redriven.includes(input)),
        ...redriven.filter(inThread),
      ];
      const inputs = read.map(({ notification }) => byId.get(notification)?.input ?? "");
      const got = inputs.filter(inThread);
      if (got.join() !== wanted.join())
        problems.push(`promise 4: the messages of ${thread} answer ${got.join(", ")}`);
      // As the agent heard them for the first time.
      const heard = [...runs.keys()].filter((input) => inThread(input));
      const inOrder = stage.inputs.filter((input) => inThread(input) && runs.has(input));
      if (heard.join() !== inOrder.join()) problems.push(`promise 4: ${thread} heard ${heard.join(", ")}`);
    }
  }

  lost();
  stale();
  posted();
  ordered();
  return problems;
}

/** What the platform has, each message once, in the order in which it came. */
export function messagesOf(stage: Stage): Message[] {
  const messages = new Map<string, Message>();
  for (const entry of stage.files.platform.read())
    if ("message" in entry && !messages.has(entry.message.id)) messages.set(entry.message.id, entry.message);
  return [...messages.values()];
}

/** Dead ones must say why. */
export function withoutReason(dead: readonly Notification[]): string[] {
  return dead.filter(({ lastError }) => lastError === null).map(({ input }) => input);
}

import type { Message, Notification } from "@lobstercontrol/core";
import { groupBy } from "./group-by.ts";

/** What is left when a story is over. */
export interface Evidence {
  /** Of all notifications, in the order in which they were made. The first word of each is its thread. */
  inputs: readonly string[];
  notifications: readonly Notification[];
  /** What the platform has, each message once, in the order in which it came. */
  messages: readonly Message[];
  /** What the control plane has. */
  stored: readonly Message[];
  /** What the agent was told, in the order in which its runs began. */
  heard: readonly string[];
  isReply: (input: string, text: string) => boolean;
  /** Those that were dead and redriven, in that order. */
  redriven: readonly string[];
  /** Each `complete` that was answered, as far as it was noted. */
  completes: readonly { notification: string; lease: string }[];
  /** The leases that were handed out, by notification, oldest first. */
  leases: ReadonlyMap<string, readonly { lease: string }[]>;
}

/** Which promises were broken, and how. Empty when none was. */
export function judge(evidence: Evidence): string[] {
  return [...lost(evidence), ...stale(evidence), ...posted(evidence), ...outOfOrder(evidence)];
}

function* lost({ inputs, notifications }: Evidence): Generator<string> {
  const states = new Map(notifications.map(({ input, state }) => [input, state]));
  for (const input of inputs) {
    const state = states.get(input) ?? "lost";
    if (state !== "delivered") yield `promise 1: ${input} is ${state}`;
  }
  if (notifications.length !== inputs.length)
    yield `promise 1: ${inputs.length} were notified, and ${notifications.length} are there`;
}

function* stale({ completes, leases, notifications }: Evidence): Generator<string> {
  const names = new Map<string, string>(notifications.map(({ id, input }) => [id, input]));
  for (const { notification, lease } of completes)
    if (leases.get(notification)?.at(-1)?.lease !== lease)
      yield `promise 2: ${names.get(notification)} was completed by a stale holder`;
}

function* posted({ notifications, messages, stored, heard, isReply }: Evidence): Generator<string> {
  const answers = groupBy(messages, ({ notification }) => notification);
  const times = groupBy(heard, (input) => input);
  for (const { id, input } of notifications) {
    const ofThis = answers.get(id) ?? [];
    if (ofThis.length !== 1) yield `promise 3: ${input} has ${ofThis.length} messages`;
    for (const { text, repeated } of ofThis) {
      if (!isReply(input, text)) yield `promise 3: the message of ${input} says "${text}"`;
      const ran = times.get(input)?.length ?? 0;
      if (ran > 1 && !repeated) yield `promise 5: the message of ${input} hides that it ran ${ran} times`;
    }
  }
  const ids = (all: readonly Message[]): string =>
    all
      .map(({ id }) => id)
      .toSorted()
      .join();
  if (ids(messages) !== ids(stored)) yield "promise 3: the platform did not read what was posted";
}

function* outOfOrder({ inputs, notifications, messages, heard, redriven }: Evidence): Generator<string> {
  const names = new Map<string, string>(notifications.map(({ id, input }) => [id, input]));
  const answered = messages.map(({ notification }) => names.get(notification) ?? "");
  const isNew = new Set(heard);
  for (const [thread, ofThread] of groupBy(inputs, threadOfInput)) {
    const inThread = (input: string): boolean => threadOfInput(input) === thread;
    const got = answered.filter(inThread);
    const wanted = [...ofThread.filter((input) => !redriven.includes(input)), ...redriven.filter(inThread)];
    if (got.join() !== wanted.join()) yield `promise 4: the messages of ${thread} answer ${got.join(", ")}`;
    // When it heard each for the first time; a run that is repeated may be late.
    const first = [...isNew].filter(inThread);
    if (first.join() !== ofThread.filter((input) => isNew.has(input)).join())
      yield `promise 4: the agent heard in ${thread} ${first.join(", ")}`;
  }
}

const threadOfInput = (input: string): string => input.split(" ", 1)[0] ?? "";

/** Dead ones must say why. */
export function withoutReason(dead: readonly Notification[]): string[] {
  return dead.filter(({ lastError }) => lastError === null).map(({ input }) => input);
}

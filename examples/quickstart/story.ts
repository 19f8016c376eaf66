import type { NotificationInput } from "@lobstercontrol/core";

/** The account of the demo. */
export const account = "acme";

/**
 * What happens at the platform: five notifications on three session keys. A session key is an agent in a thread; on the
 * last one the model fails once, so that a retry is seen and what is behind it waits.
 *
 * @param agents one or two slugs
 * @param staged whether the model fails when it is asked to
 */
export function notifications(agents: readonly string[], staged: boolean): NotificationInput[] {
  const [first = "main", second = first] = agents;
  const story: [thread: string, agent: string, input: string][] = [
    ["launch-post", first, "Bea asks you for a title for the launch post."],
    ["launch-post", first, "Bea likes it. Now the first sentence, please."],
    ["release-notes", second, "Ali asks whether the release notes are clear."],
    ["pricing-page", first, `Cem asks for one line about prices.${staged ? " FAILONCE=500" : ""}`],
    ["pricing-page", first, "Cem asks for it in French, too."],
  ];
  return story.map(([thread, agent, input], index) => ({
    account,
    agent,
    thread,
    input,
    instructions: "Answer in one or two sentences.",
    idempotencyKey: `quickstart-${index}`,
  }));
}

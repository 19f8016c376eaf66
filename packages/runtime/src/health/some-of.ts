/** So many slugs of 64 characters still fit into the message of a condition. */
const mostNames = 10;

/** Names for a sentence: the first few, and how many more there are. */
export function someOf(names: readonly string[]): string {
  const more = names.length - mostNames;
  return more > 0 ? `${names.slice(0, mostNames).join(", ")} and ${more} more` : names.join(", ");
}

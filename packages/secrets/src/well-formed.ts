/**
 * Whether a text has no half of a surrogate pair. Halves are lost in UTF-8: two different texts would become the same bytes.
 *
 * @param text any text
 */
export function isWellFormed(text: string): boolean {
  // ES2024, and constant time for most texts; the TypeScript library here is of 2023.
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}

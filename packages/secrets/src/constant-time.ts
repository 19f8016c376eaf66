/**
 * Whether two texts are the same, in a time that tells nothing about where they differ.
 *
 * @param a any text
 * @param b any text; only its length may show
 */
export function equalInConstantTime(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index++) difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  return difference === 0;
}

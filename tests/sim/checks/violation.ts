/** A promise that was not kept. */
export class Violation extends Error {
  override readonly name = "Violation";

  /** @param promise its number in docs/concepts.md */
  constructor(promise: number, what: string) {
    super(`promise ${promise}: ${what}`);
  }
}

const shown = "[secret]";

/**
 * A value that must not be shown. Strings, JSON, `util.inspect`, template literals and structured logs all print
 * `[secret]`; only {@link Secret.reveal} gives the value.
 *
 * @example
 * ```ts
 * import { Secret } from "@lobstercontrol/core";
 *
 * const token = new Secret("correct horse");
 * console.log(`${token}`, JSON.stringify({ token })); // [secret] {"token":"[secret]"}
 * const headers = { authorization: `Bearer ${token.reveal()}` };
 * console.log(Object.keys(headers));
 * ```
 */
export class Secret<T = string> {
  readonly #value: T;

  /** @param value what must not be shown */
  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself. Call it where the value leaves for its destination, and nowhere else. */
  reveal(): T {
    return this.#value;
  }

  /** `[secret]` */
  toString(): string {
    return shown;
  }

  /** `[secret]` */
  toJSON(): string {
    return shown;
  }

  /** `[secret]`, in template literals, concatenation and comparison. */
  [Symbol.toPrimitive](): string {
    return shown;
  }

  /** `[secret]`, in Node's `util.inspect` and `console.log`. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return shown;
  }
}

/** A value, or a secret that holds one. By its method and not its class: two copies of core have two classes. */
export type MaybeSecret<T> =
  | T
  | {
      /** Gives the value. */
      reveal(): T;
    };

/** The value, out of its secret if it is in one. */
export function revealed<T extends string | Uint8Array>(value: MaybeSecret<T>): T {
  return typeof value === "object" && value !== null && "reveal" in value ? value.reveal() : value;
}

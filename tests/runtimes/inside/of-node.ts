/**
 * Stands for something of Node's in a runtime that is not Node. A test file may import it, and do with it whatever it
 * does while its tests are collected; a test that touches it cannot run there, and is left out.
 */
export function ofNode(what: string): unknown {
  // Of a kind that can be called and constructed.
  return standIn(what, function target() {});
}

function standIn(what: string, target: object): unknown {
  const touched = <T>(result: () => T): (() => T) => {
    return () => {
      touches.note(what);
      return result();
    };
  };
  const made = touched(() => standIn(what, {}) as object);
  return new Proxy(target, {
    get(_, key) {
      // Whoever awaits it asks whether it is a promise.
      if (key === "then") return undefined;
      return touched(() => (key === Symbol.toPrimitive ? () => what : ofNode(what)))();
    },
    apply: made,
    construct: made,
    has: touched(() => false),
    ownKeys: touched(() => Reflect.ownKeys(target)),
    getPrototypeOf: touched(() => null),
  });
}

/** Thrown at who touches what is Node's while tests run. */
export class OfNodeError extends Error {
  override readonly name = "OfNodeError";
}

/** What was touched, and when. */
export const touches = createTouches();

function createTouches() {
  let running = false;
  let first: string | null = null;
  return {
    note(what: string): void {
      if (!running) return;
      first ??= what;
      throw new OfNodeError(`${what} is Node's`);
    },
    /** From here on tests run. */
    begin(): void {
      running = true;
    },
    /** From here on tests are collected. */
    end(): void {
      running = false;
    },
    /** What was touched first since the last call; null for nothing. */
    take(): string | null {
      const taken = first;
      first = null;
      return taken;
    },
  };
}

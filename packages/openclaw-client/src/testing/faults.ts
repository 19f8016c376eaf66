import type { MockReply } from "./reply.ts";

type Faults = Pick<
  MockReply,
  | "cutAfterBytes"
  | "stallAfterBytes"
  | "splitAfterBytes"
  | "garbageBeforeEvent"
  | "garbageInsteadOfEvent"
  | "garbage"
>;
type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** What of a body is out already. */
export interface Sent {
  bytes: number;
  events: number;
}

/** An event of three bytes that are no UTF-8, after the beginning of some JSON. */
const defaultGarbage = Uint8Array.from([...encode('data: {"type":'), 0xff, 0xfe, 0xc0, 10, 10]);

/** Whether anything is to happen to the bytes of a reply. */
export function hasFaults(reply: Faults): boolean {
  return (
    reply.cutAfterBytes !== undefined ||
    reply.stallAfterBytes !== undefined ||
    reply.splitAfterBytes !== undefined ||
    reply.garbageBeforeEvent !== undefined ||
    reply.garbageInsteadOfEvent !== undefined
  );
}

/** The events of a body as they arrive: garbage among them, torn apart, stalled, cut. */
export async function* withFaults(
  events: Chunks,
  faults: Faults,
  signal: AbortSignal,
  sent: Sent = { bytes: 0, events: 0 },
): AsyncGenerator<Uint8Array> {
  const { cutAfterBytes = Infinity, stallAfterBytes = Infinity } = faults;
  let left = Math.max(0, Math.min(cutAfterBytes, stallAfterBytes) - sent.bytes);
  const pieces = createPieces(faults.splitAfterBytes);
  for await (const chunk of withGarbage(events, faults, sent.events)) {
    const passing = chunk.subarray(0, left);
    left -= passing.length;
    yield* pieces.add(passing);
    if (passing.length === chunk.length) continue;
    yield* pieces.rest();
    if (stallAfterBytes < cutAfterBytes) await gone(signal);
    throw new Error("the mock cut the connection");
  }
  yield* pieces.rest();
}

async function* withGarbage(events: Chunks, faults: Faults, first: number): AsyncGenerator<Uint8Array> {
  const { garbageBeforeEvent, garbageInsteadOfEvent, garbage = defaultGarbage } = faults;
  let index = first;
  for await (const event of events) {
    if (index === garbageBeforeEvent || index === garbageInsteadOfEvent)
      yield typeof garbage === "string" ? encode(garbage) : garbage;
    if (index !== garbageInsteadOfEvent) yield event;
    index++;
  }
}

/** Cuts bytes to size. What does not fill a piece is kept for later; without sizes, everything is a piece as it is. */
function createPieces(sizes: Faults["splitAfterBytes"]) {
  let kept: Uint8Array = new Uint8Array();
  let count = 0;
  const nextSize = (): number =>
    typeof sizes === "number" ? Math.max(1, sizes) : Math.max(1, sizes?.[count] ?? Infinity);
  return {
    *add(chunk: Uint8Array): Generator<Uint8Array> {
      if (sizes === undefined) {
        if (chunk.length > 0) yield chunk;
        return;
      }
      const bytes = new Uint8Array(kept.length + chunk.length);
      bytes.set(kept);
      bytes.set(chunk, kept.length);
      let at = 0;
      for (let size = nextSize(); at + size <= bytes.length; size = nextSize()) {
        yield bytes.slice(at, at + size);
        at += size;
        count++;
      }
      kept = bytes.slice(at);
    },
    *rest(): Generator<Uint8Array> {
      if (kept.length > 0) yield kept;
      kept = new Uint8Array();
    },
  };
}

/** Resolves when the client goes. */
export function gone(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** What is measured of one way. */
import { readFileSync } from "node:fs";
import type { Way } from "./candidate.ts";
import { replies, type ReplyName } from "./replies.ts";

const ignore = (): void => {};

/** A way by the reply that it gets. */
export type Ask = (reply: ReplyName) => Way;

/** Reads one reply of each kind and compares its text, so that nobody is fast by not reading. */
export async function check(ask: Ask, names: readonly ReplyName[]): Promise<void> {
  for (const name of names) {
    const way = ask(name);
    const pieces: string[] = [];
    const text = await way.ask((delta) => pieces.push(delta));
    const wanted = replies[name].deltas.join("");
    if (text !== wanted) throw new Error(`${name}: ${text.length} characters of ${wanted.length}, or others`);
    if (way.deltas && pieces.join("") !== wanted) throw new Error(`${name}: the deltas are others`);
  }
}

/** Calls a second of the short reply, so many at a time, for so long; and how many they were. */
export async function calls(
  ask: Ask,
  { concurrency, ms }: { concurrency: number; ms: number },
): Promise<number[]> {
  const way = ask("short");
  const length = replies.short.deltas.join("").length;
  const started = performance.now();
  let count = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() - started < ms) {
      const text = await way.ask(ignore);
      if (text.length !== length) throw new Error("the reply is another");
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  return [(count / (performance.now() - started)) * 1000, count];
}

/** Milliseconds from the call to its first delta, of each of `times` calls. The gateway sends that delta at once, and the rest later. */
export async function firstDelta(ask: Ask, { times }: { times: number }): Promise<number[]> {
  const way = ask("first");
  const latencies: number[] = [];
  // The first calls open the connection.
  for (let at = -3; at < times; at++) {
    const started = performance.now();
    let latency = 0;
    await way.ask(() => (latency ||= performance.now() - started));
    if (at >= 0) latencies.push(latency);
  }
  return latencies;
}

/** Milliseconds of one long stream, from the call to its end. */
export async function streamMs(ask: Ask, { reply }: { reply: ReplyName }): Promise<number> {
  const started = performance.now();
  const text = await ask(reply).ask(ignore);
  const ms = performance.now() - started;
  if (text.length === 0) throw new Error("the reply is empty");
  return ms;
}

/**
 * The most memory, in MiB, that this process ever had: after 400 calls and a long stream of small deltas, and then after a
 * stream of large events.
 */
export async function peakMemory(ask: Ask): Promise<number[]> {
  const short = ask("short");
  const caller = async (): Promise<void> => {
    for (let at = 0; at < 50; at++) await short.ask(ignore);
  };
  await Promise.all(Array.from({ length: 8 }, caller));
  await ask("deltas").ask(ignore);
  const small = peakMib();
  await ask("large").ask(ignore);
  return [small, peakMib()];
}

function peakMib(): number {
  // Linux counts in maxRSS what the parent had when it forked; VmHWM is of this process alone.
  const kib =
    process.platform === "linux"
      ? Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1])
      : process.resourceUsage().maxRSS;
  return kib / 1024;
}

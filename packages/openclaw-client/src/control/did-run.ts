import { sleep, type Clock } from "@lobstercontrol/core";
import type { Connection } from "./connection.ts";
import { readMark } from "./session-mark.ts";
import { viewSession } from "./session-view.ts";
import type { DidRunParameters, RunVerdict } from "./types.ts";
import { verdictOf } from "./verdict.ts";

/**
 * A request that has just arrived shows in nothing yet: it takes the gateway some 100 ms to write its first trace. And what
 * changes between the two questions of a look, as when a run ends or is taken up after a crash, makes no sense.
 */
const secondLookAfterMs = 1000;

/** See `GatewayControl.didRun`. */
export async function didRun(
  { call, closed }: Connection,
  clock: Clock,
  { sessionKey, mark }: DidRunParameters,
): Promise<RunVerdict> {
  const before = readMark(mark);
  const look = async (): Promise<RunVerdict> => verdictOf(before, await viewSession(call, sessionKey));
  const first = await look();
  if (first.verdict !== "notRun" && first.verdict !== "unknown") return first;
  await sleep(clock, secondLookAfterMs, closed);
  return look();
}

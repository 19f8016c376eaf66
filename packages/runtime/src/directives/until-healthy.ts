import { sleep, type Clock } from "@lobstercontrol/core";
import type { OpenClawClient } from "@lobstercontrol/openclaw-client";
import { startDeadline } from "../deadline.ts";

const pollMs = 1_000;
/** One good look may be the last of a gateway that is about to go. */
const looks = 2;

/**
 * Waits until the gateway is ready, takes the token and serves runs, twice in a row.
 *
 * @returns false when it does not come to that in time
 */
export async function untilHealthy(options: {
  client: Pick<OpenClawClient, "probe">;
  clock: Clock;
  signal: AbortSignal;
  withinMs: number;
}): Promise<boolean> {
  const { client, clock, signal, withinMs } = options;
  const deadline = startDeadline(clock, withinMs, signal);
  let good = 0;
  try {
    for (;;) {
      const { ready, authorized, responsesEnabled } = await client.probe({ timeoutMs: 5_000, signal });
      good = ready === true && authorized === true && responsesEnabled === true ? good + 1 : 0;
      if (good === looks) return true;
      if (signal.aborted || deadline.isOver()) return false;
      await sleep(clock, pollMs, signal);
    }
  } finally {
    deadline.cancel();
  }
}

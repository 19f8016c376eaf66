import { sleep, type Clock } from "@lobstercontrol/core";
import type { OpenClawClient } from "@lobstercontrol/openclaw-client";
import type { GatewayControl } from "@lobstercontrol/openclaw-client/control";
import { startDeadline } from "../deadline.ts";
import { DirectiveFailed } from "./directive-failed.ts";
import type { Journal } from "./journal.ts";
import type { Done } from "./run-directives.ts";
import { untilHealthy } from "./until-healthy.ts";

/** What a restart needs. */
export interface RestartOptions {
  client: Pick<OpenClawClient, "probe">;
  /** Null when there is no control of the gateway. */
  control: Pick<GatewayControl, "requestRestart"> | null;
  clock: Clock;
  /** Ends the wait. */
  signal: AbortSignal;
}

/** A restart is seen by the gateway going away; it does so only when nothing runs any more. */
const pollMs = 500;
const goneMs = 6 * 60_000;
const backMs = 5 * 60_000;

/**
 * Has the gateway restart, and proves it: it was not ready, and is again.
 *
 * @param reason for the gateway's log
 * @throws {DirectiveFailed} when it was not seen to
 */
export async function restartGateway(reason: string, options: RestartOptions): Promise<void> {
  const { client, control, clock, signal } = options;
  if (control === null)
    throw new DirectiveFailed(
      "This runtime has no control connection to its gateway, and cannot restart it.",
    );
  await control.requestRestart(reason);
  const deadline = startDeadline(clock, goneMs, signal);
  try {
    while (!(await isGone())) {
      if (signal.aborted || deadline.isOver())
        throw new DirectiveFailed("The gateway took note, and was not seen to restart.");
      await sleep(clock, pollMs, signal);
    }
  } finally {
    deadline.cancel();
  }
  await untilBack(options);

  async function isGone(): Promise<boolean> {
    const { live, ready } = await client.probe({ timeoutMs: 2_000, signal });
    return live === false || ready === false;
  }
}

/**
 * The same for a directive. A process that is started anew in the middle of one does not ask a second time.
 *
 * @param id the directive
 * @throws {DirectiveFailed} when it was not seen to restart
 */
export async function carryOutRestart(id: string, journal: Journal, options: RestartOptions): Promise<Done> {
  if (journal.state().restart?.id === id) await untilBack(options);
  else {
    await journal.change({ restart: { id } });
    await restartGateway("an admin asked for it", options);
  }
  return { ok: true, message: "The gateway has restarted." };
}

async function untilBack(options: RestartOptions): Promise<void> {
  if (!(await untilHealthy({ ...options, withinMs: backMs })))
    throw new DirectiveFailed("The gateway went down to restart and is not ready again.");
}

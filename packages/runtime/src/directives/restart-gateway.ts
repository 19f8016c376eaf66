import { sleep, type Clock } from "@lobstercontrol/core";
import type { OpenClawClient } from "@lobstercontrol/openclaw-client";
import type { GatewayControl } from "@lobstercontrol/openclaw-client/control";
import { DirectiveFailed } from "./directive-failed.ts";
import type { Journal } from "./journal.ts";
import type { Done } from "./run-directives.ts";
import { untilHealthy } from "./until-healthy.ts";

/** A restart is seen by the gateway going away; it does so only when nothing runs any more. */
const pollMs = 500;
const goneMs = 6 * 60_000;
const backMs = 5 * 60_000;

/**
 * Has the gateway restart, and proves it: it was not ready, and is again.
 *
 * @param id the directive
 * @throws {DirectiveFailed} when it was not seen to
 */
export async function restartGateway(
  id: string,
  options: {
    client: Pick<OpenClawClient, "probe">;
    control: Pick<GatewayControl, "requestRestart"> | null;
    journal: Journal;
    clock: Clock;
    signal: AbortSignal;
  },
): Promise<Done> {
  const { client, control, journal, clock, signal } = options;
  if (control === null)
    throw new DirectiveFailed(
      "This runtime has no control connection to its gateway, and cannot restart it.",
    );
  const wasAsked = journal.state().restart?.id === id;
  if (!wasAsked) {
    await journal.change({ restart: { id } });
    await control.requestRestart("an admin asked for it");
    await untilGone();
  }
  if (!(await untilHealthy({ client, clock, signal, withinMs: backMs })))
    throw new DirectiveFailed("The gateway went down to restart and is not ready again.");
  return { ok: true, message: "The gateway has restarted.", journal: { restart: null } };

  async function untilGone(): Promise<void> {
    const since = clock.now();
    while (clock.now() - since < goneMs && !signal.aborted) {
      const { live, ready } = await client.probe({ timeoutMs: 2_000, signal });
      if (live === false || ready === false) return;
      await sleep(clock, pollMs, signal);
    }
    throw new DirectiveFailed("The gateway took note, and was not seen to restart.");
  }
}

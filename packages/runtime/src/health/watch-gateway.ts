import type { Clock } from "@lobstercontrol/core";
import type { GatewayProbe, OpenClawClient } from "@lobstercontrol/openclaw-client";
import type { Conditions } from "./conditions.ts";
import { gatewayFindings } from "./gateway-findings.ts";

/** Looks at the gateway again and again. */
export interface GatewayWatch {
  /** Begins; calling it again does nothing. */
  start(): void;
  /** Looks now, or as soon as the look under way is over; not more than once a second. */
  look(): void;
  /** The version that the gateway last told; null while it is not known. */
  version(): string | null;
  /** Looks no more. */
  stop(): void;
}

/** Between two looks, whoever asks for them. */
const leastMs = 1_000;

/**
 * Writes the conditions of the gateway, on an interval and whenever somebody has a reason to doubt them.
 *
 * @param options `probeMs` between two looks; `onProbe` is told what each found
 */
export function watchGateway(options: {
  client: Pick<OpenClawClient, "probe">;
  conditions: Conditions;
  probeMs: number;
  clock: Clock;
  onProbe?: (probe: GatewayProbe) => void;
}): GatewayWatch {
  const { client, conditions, probeMs, clock, onProbe = () => {} } = options;
  const stopping = new AbortController();
  const timeoutMs = Math.max(500, Math.min(5_000, probeMs / 2));
  let version: string | null = null;
  let looking = false;
  let wanted = false;
  let cancel = (): void => {};
  let started = false;

  async function look(): Promise<void> {
    cancel();
    looking = true;
    wanted = false;
    const probe = await client.probe({ timeoutMs, signal: stopping.signal }).catch(() => null);
    looking = false;
    if (stopping.signal.aborted) return;
    if (probe !== null) {
      version = probe.version ?? version;
      const findings = gatewayFindings(probe);
      conditions.set("GatewayReachable", findings.GatewayReachable);
      conditions.set("GatewayAuthorized", findings.GatewayAuthorized);
      conditions.set("ResponsesEnabled", findings.ResponsesEnabled);
      onProbe(probe);
    }
    // The wait and the look together take an interval at most, so that what is wrong shows within one.
    schedule(wanted ? leastMs : Math.max(leastMs, probeMs - timeoutMs));
  }

  function schedule(inMs: number): void {
    cancel();
    lookAt = clock.now() + inMs;
    cancel = clock.after(inMs, () => void look());
  }
  let lookAt = 0;

  return {
    start() {
      if (started) return;
      started = true;
      void look();
    },
    look() {
      if (!started || stopping.signal.aborted) return;
      if (looking) wanted = true;
      else if (lookAt - clock.now() > leastMs) schedule(leastMs);
    },
    version: () => version,
    stop() {
      stopping.abort();
      cancel();
    },
  };
}

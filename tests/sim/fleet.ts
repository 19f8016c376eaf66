import type { RuntimePort } from "@lobstercontrol/core";
import type { Bug } from "./bugs.ts";
import type { Tables } from "./control-plane/tables.ts";
import { createClient } from "./gateway/client.ts";
import { createControl } from "./gateway/control.ts";
import type { Gateway } from "./gateway/gateway.ts";
import type { Right } from "./gateway/session.ts";
import { notificationOf, type Judge } from "./judge.ts";
import { createNetwork } from "./network.ts";
import { createProcess, type Process } from "./process.ts";
import type { Random } from "./random.ts";
import { createRemotePort } from "./remote-port.ts";
import { startRuntime, type RuntimeProcess } from "./runtime-process.ts";
import type { Story } from "./story.ts";
import type { Timeline } from "./timeline.ts";
import type { Weather } from "./weather.ts";

/** The runtimes of the account. */
export interface Fleet {
  /** All that were ever started. */
  runtimes: readonly RuntimeProcess[];
  start(workerId: string): void;
  drain(each: RuntimeProcess, graceMs: number): void;
}

export interface FleetOptions {
  timeline: Timeline;
  random: Random;
  weather: Weather;
  story: Story;
  judge: Judge;
  gateway: Gateway;
  tables: Tables;
  port: RuntimePort;
  bug: Bug | null;
  startMs: number;
  nameOf: (id: string) => string;
  /** Whether the control plane is away. */
  isAway: () => boolean;
  /** When a clock was last set. */
  clockSetAt: () => number;
}

/** How long after a clock was set a process may still act on a lease that this has ended. */
const clockSetForMs = 2 * 60_000;

export function createFleet(options: FleetOptions): Fleet {
  const { timeline, random, weather, story, judge, gateway, tables, port, bug, startMs, nameOf } = options;
  const runtimes: RuntimeProcess[] = [];
  /** Those that may have been unable to hand back what they held. */
  const troubled = new Set<Process>();
  const starts = new Map<string, number>();
  let claims = 0;
  const settings = {
    leaseMs: 10_000,
    runTimeoutMs: random.pick([20_000, 60_000]),
    pollMs: random.pick([2_000, 5_000, 20_000]),
    concurrency: random.between(1, 4),
    onAborted: random.pick(["repeat", "repeat", "dead"] as const),
  };
  const network = createNetwork({
    timeline,
    random: random.fork(),
    weather,
    story,
    onCall(from, name, fate) {
      judge.onSent(from, name);
      if (fate !== "well") troubled.add(from);
    },
  });

  function rightOf(from: Process, input: string): Right {
    const owner = runtimes.find(({ process }) => process === from)!;
    const { state, lease } = notificationOf(tables, input);
    if (state === "leased" && lease?.incarnation === owner.incarnation) return "holds the lease";
    const isTakenOver = runtimes.some(
      ({ workerId, firstClaim }) => workerId === owner.workerId && firstClaim > owner.firstClaim,
    );
    if (isTakenOver) return "a newer start took over";
    return timeline.now() < options.clockSetAt() + clockSetForMs ? "a clock was set" : "its lease ran out";
  }

  function start(workerId: string): void {
    const count = (starts.get(workerId) ?? 0) + 1;
    starts.set(workerId, count);
    const aheadMs = random.between(-5_000, 5_000);
    const process = createProcess(`${workerId}.${count}`, timeline, startMs + aheadMs);
    const own = { process, network, timeline, story };
    const remotePort = createRemotePort({
      ...own,
      port,
      nameOf,
      isAway() {
        if (options.isAway()) troubled.add(process);
        return options.isAway();
      },
      onCall(call) {
        judge.onCall(call);
        if (call.name !== "claim" || started.incarnation !== null) return;
        started.incarnation = call.request.incarnation;
        started.firstClaim = ++claims;
      },
    });
    const client = createClient({ ...own, gateway, weather, rightOf, random: random.fork() });
    const control = createControl(process, gateway, network);
    const parts = { port: remotePort, client, control };
    const started = startRuntime(
      process,
      { ...settings, workerId, random: random.fork().next, ...parts, ...bug?.runtime?.(parts) },
      control.close,
      story,
      nameOf,
    );
    runtimes.push(started);
    void started.runtime.finished.then(({ error }) => {
      started.isStopping = true;
      judge.onEnded(process, error);
    });
  }

  /** What it holds and could have handed back: its calls were answered, and there was time. */
  function heldBy({ process, incarnation }: RuntimeProcess, graceMs: number) {
    if (graceMs < 5_000 || troubled.has(process) || process.hasBeenPaused()) return [];
    return [...tables.notifications.values()].filter(
      ({ state, lease }) => state === "leased" && lease?.incarnation === incarnation,
    );
  }

  return {
    runtimes,
    start,
    drain(each, graceMs) {
      const { process, runtime } = each;
      each.isStopping = true;
      story.tell(process.name, `drains, for ${graceMs} ms at most`);
      void (bug?.stop?.(runtime, graceMs) ?? runtime.stop({ graceMs })).then(() => {
        each.close();
        judge.onStopped(process, heldBy(each, graceMs));
      });
    },
  };
}

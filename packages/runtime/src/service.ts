import { randomUUID } from "node:crypto";
import {
  scrubbedLogger,
  silentLogger,
  sleep,
  statusOf,
  systemClock,
  type Directive,
  type LobsterError,
} from "@lobstercontrol/core";
import { enrol } from "./bootstrap/enrol.ts";
import { DirectiveFailed } from "./directives/directive-failed.ts";
import { createHolds, type HoldReason } from "./directives/hold.ts";
import { openJournal, type Journal } from "./directives/journal.ts";
import { carryOutRestart, restartGateway } from "./directives/restart-gateway.ts";
import { createDirectiveRunner, type Done } from "./directives/run-directives.ts";
import { upgrade } from "./directives/upgrade.ts";
import type { RuntimeEvent } from "./events.ts";
import { setClaiming } from "./health/claiming.ts";
import { createConditions } from "./health/conditions.ts";
import { watchDeliveries } from "./health/delivery-health.ts";
import { noteFailure, observePort } from "./health/observe-port.ts";
import type { RuntimeHealth } from "./health/snapshot.ts";
import { watchGateway } from "./health/watch-gateway.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { driveSync, type SyncDrive } from "./report/drive-sync.ts";
import { createReporter } from "./report/reporter.ts";
import { createRuntime } from "./runtime.ts";
import { listenHealth, type HealthServer } from "./server/health-server.ts";
import type { RuntimeServiceOptions } from "./service-options.ts";
import type { Sync } from "./sync.ts";
import { version } from "./version.ts";

/** A runtime with all that is around its loop. */
export interface RuntimeService {
  /**
   * Begins. Resolves when the health server listens; what follows (a first start, the first report) goes on by itself.
   * Calling it again waits for the same.
   *
   * @throws whatever Node throws when the port of the health server cannot be had
   */
  start(): Promise<void>;
  /**
   * Drains (promise 13): claims nothing more, waits for the runs under way and hands back those that do not end in time,
   * reports that the runtime is offline, and frees the port. Calling it again waits for the same end.
   *
   * @param options `graceMs`, for all of it: 25,000 by default
   */
  stop(options?: { graceMs?: number }): Promise<void>;
  /** How the runtime is now. */
  health(): RuntimeHealth;
  /** Where the health server listens; null when there is none, or not yet. */
  healthUrl(): string | null;
  /**
   * Resolves when it has ended. `error` is what ended it without being asked to: a revoked service token, a refused bootstrap
   * token, or a newer process of the same worker.
   */
  readonly finished: Promise<{ error: LobsterError | null }>;
}

const usualGraceMs = 25_000;
/** For as long a first start waits for the roster and the keys before it takes work without them. */
const startingMs = 60_000;

/**
 * Makes a runtime with what it needs to be left alone: it looks at the gateway, reports how it is, brings roster and provider
 * keys to the gateway, carries out what an admin wants, and shows its health and its numbers over HTTP.
 *
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` when an option is not usable
 *
 * @example
 * ```ts
 * import { createRuntimeClient } from "@lobstercontrol/core/http";
 * import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
 * import { createGatewayControl } from "@lobstercontrol/openclaw-client/control";
 * import { createRuntimeService } from "@lobstercontrol/runtime";
 *
 * const gateway = "http://127.0.0.1:18789";
 * const token = process.env["OPENCLAW_GATEWAY_TOKEN"] ?? "";
 * const service = createRuntimeService({
 *   port: createRuntimeClient({
 *     url: "https://platform.example.com/lobster",
 *     serviceToken: process.env["SERVICE_TOKEN"] ?? "",
 *   }),
 *   client: createOpenClawClient({ baseUrl: gateway, token }),
 *   control: createGatewayControl({ url: gateway, token }),
 *   workerId: "droplet-1",
 *   health: { port: 18_780 },
 * });
 * await service.start();
 * process.once("SIGTERM", () => void service.stop());
 * const { error } = await service.finished;
 * if (error !== null) console.error(error.code, error.hint);
 * ```
 */
export function createRuntimeService(options: RuntimeServiceOptions): RuntimeService {
  const { client, control, clock = systemClock, random = Math.random, onEvent = () => {} } = options;
  const { reportMs = 15_000, probeMs = 15_000, runTimeoutMs = 10 * 60_000 } = options;
  const { workerId = randomUUID() } = options;
  const incarnation = randomUUID();
  const logger = scrubbedLogger(options.logger ?? silentLogger);
  const startedAt = clock.now();
  const ending = new AbortController();
  /** From here on nothing is called and no timer waits. */
  const over = new AbortController();
  let isOver = false;
  let heldTurn: Promise<unknown> = Promise.resolve();
  let server: HealthServer | null = null;
  let starting: Promise<void> | null = null;
  let ended: Promise<void> | null = null;
  let finish: (end: { error: LobsterError | null }) => void;
  const finished = new Promise<{ error: LobsterError | null }>((resolve) => (finish = resolve));

  // Parts write conditions while they are made, before there is anybody to report them.
  let conditionsChanged = (): void => {};
  const conditions = createConditions(clock, () => conditionsChanged());
  for (const type of ["GatewayReachable", "GatewayAuthorized", "ResponsesEnabled"] as const)
    conditions.set(type, {
      status: "unknown",
      reason: "NotAskedYet",
      message: "The gateway was not asked yet.",
    });
  setClaiming(conditions, "Starting");
  const watchDelivery = watchDeliveries(conditions);
  // Their collectors watch the whole process, for good: only where somebody can ask for them.
  const metrics = options.health === undefined ? null : createMetrics(health);
  const gateway = watchGateway({ client, conditions, probeMs, clock });

  const port = observePort({
    port: options.port,
    conditions,
    clock,
    silenceMs: Math.min(10_000, probeMs / 2),
    onWork: () => reporter.nudge(),
    signal: over.signal,
  });
  const restart = { client, control: control ?? null, clock, signal: ending.signal };
  const { roster, keys } =
    options.syncs?.({
      conditions,
      restartGateway: (reason) => whileHeld("Restarting", () => restartGateway(reason, restart)),
    }) ?? {};
  const untried = new Set([roster, keys].filter((sync) => sync !== undefined));
  const rosterDrive = roster === undefined ? null : driveSync(roster, clock, () => tried(roster));
  const keysDrive = keys === undefined ? null : driveSync(keys, clock, () => tried(keys));

  const runtime = createRuntime({
    ...options,
    port,
    workerId,
    incarnation,
    onEvent(event) {
      watchDelivery(event);
      metrics?.onEvent(event);
      tellKeys(event);
      if (event.type === "failed" || event.type === "dropped") gateway.look();
      onEvent(event);
    },
  });
  const holds = createHolds(runtime, (reason) => {
    if (!ending.signal.aborted) setClaiming(conditions, reason);
  });

  const reporter = createReporter({
    port,
    reportMs,
    clock,
    random,
    logger,
    describe() {
      const { status, conditions: found, gatewayVersion, rosterRevision, keysGeneration } = health();
      const keysConfirmed = Math.min(keysGeneration, keys?.confirmed() ?? 0);
      return {
        workerId,
        incarnation,
        version,
        gatewayVersion,
        status,
        conditions: found,
        rosterRevision,
        keysGeneration,
        keysConfirmed,
      };
    },
    onAnswer({ directives, rosterRevision, keysGeneration }) {
      rosterDrive?.want(rosterRevision);
      keysDrive?.want(keysGeneration);
      take(directives);
    },
    onFatal: (error) => void end(error, usualGraceMs),
    ...(metrics === null ? {} : { onReport: metrics.onReport }),
  });
  conditionsChanged = () => reporter.changed();

  function health(): RuntimeHealth {
    const found = conditions.list();
    return {
      status: isOver ? "offline" : statusOf(found),
      conditions: found,
      version,
      gatewayVersion: gateway.version(),
      running: runtime.running(),
      rosterRevision: rosterDrive?.proven() ?? 0,
      keysGeneration: keysDrive?.proven() ?? 0,
      uptimeMs: Math.max(0, clock.now() - startedAt),
    };
  }

  /** What a run has confirmed is news, even if no condition changes with it. */
  function tellKeys(event: RuntimeEvent): void {
    if (keys === undefined) return;
    const before = keys.confirmed();
    keys.onEvent(event);
    if (keys.confirmed() !== before) reporter.changed();
  }

  /** A sync was tried, and what it proved is news; work waits until each was tried once. */
  function tried(sync: Sync): void {
    untried.delete(sync);
    reporter.changed();
    if (untried.size === 0) holds.release("Starting");
  }

  let take = (_directives: readonly Directive[]): void => {};

  function directivesWith(journal: Journal): (directives: readonly Directive[]) => void {
    const { signal } = ending;
    const { onUpgrade = null, upgradeGateMs: gateMs = 5 * 60_000 } = options;
    const runner = createDirectiveRunner({
      journal,
      signal,
      logger,
      onEnd: (directiveEnd) => reporter.ended(directiveEnd),
      async carryOut(directive) {
        switch (directive.kind) {
          case "drain":
            await holds.hold("Drained");
            return { ok: true, message: "Nothing runs any more." };
          case "resync":
            return await resync();
          case "restart":
            return await whileHeld("Restarting", () => carryOutRestart(directive.id, journal, restart));
          case "upgrade":
            return await whileHeld("Upgrading", () =>
              upgrade(directive, {
                client,
                journal,
                conditions,
                onUpgrade,
                version,
                gateMs,
                clock,
                signal,
              }),
            );
        }
      },
    });
    return (directives) => runner.take(directives);
  }

  async function resync(): Promise<Done> {
    const drives = [rosterDrive, keysDrive].filter((drive) => drive !== null);
    if (drives.length === 0)
      throw new DirectiveFailed("This runtime does not bring a roster or provider keys to its gateway.");
    const proven = await Promise.all(drives.map(isProven));
    return proven.every(Boolean)
      ? { ok: true, message: "The gateway has the roster and the provider keys." }
      : { ok: false, message: "Not all of it was brought to the gateway; the conditions say what and why." };
  }

  /** Does something that no run should see; one such thing at a time. */
  function whileHeld<T>(reason: HoldReason, act: () => Promise<T>): Promise<T> {
    const result = heldTurn.then(() => actHeld(reason, act));
    heldTurn = result.catch(() => {});
    return result;
  }

  async function actHeld<T>(reason: HoldReason, act: () => Promise<T>): Promise<T> {
    try {
      const idle = await inTime(holds.hold(reason), runTimeoutMs + 30_000);
      if (!idle) throw new DirectiveFailed("Runs under way did not end in time.");
      return await act();
    } finally {
      if (!ending.signal.aborted) holds.release(reason);
    }
  }

  /** @returns false when the time is over, or the service ends, before it is done */
  async function inTime(done: Promise<void>, withinMs: number): Promise<boolean> {
    const settled = new AbortController();
    const wait = sleep(clock, withinMs, AbortSignal.any([settled.signal, ending.signal])).then(() => false);
    try {
      return await Promise.race([done.then(() => true), wait]);
    } finally {
      settled.abort();
    }
  }

  async function begin(): Promise<void> {
    const journal = await openJournal(options.journalPath ?? null, options.release ?? null);
    if (options.health !== undefined && metrics !== null) {
      const { host = "127.0.0.1", port: healthPort } = options.health;
      server = await listenHealth({ host, port: healthPort, health, metrics: metrics.render });
    }
    if (ending.signal.aborted) {
      await server?.close();
      return;
    }
    gateway.start();
    take = directivesWith(journal);
    void goOn(journal);
  }

  async function goOn(journal: Journal): Promise<void> {
    if (options.enrol !== undefined && !(await enrolled(options.enrol))) return;
    const { upgraded, upgrade: underWay } = journal.state();
    if (upgraded !== null) conditions.set("Upgraded", upgraded);
    setClaiming(conditions, "Claiming");
    if (underWay !== null) {
      void holds.hold("Upgrading");
      take([{ id: underWay.id, kind: "upgrade", target: underWay.target }]);
    }
    if (untried.size > 0) {
      void holds.hold("Starting");
      const cancel = clock.after(startingMs, () => holds.release("Starting"));
      ending.signal.addEventListener("abort", cancel, { once: true });
    }
    runtime.start();
    reporter.start();
  }

  async function enrolled(request: NonNullable<RuntimeServiceOptions["enrol"]>): Promise<boolean> {
    try {
      return await enrol({
        ...request,
        port: options.port,
        clock,
        random,
        logger,
        signal: ending.signal,
        onTry(error) {
          if (error !== null) noteFailure(conditions, error);
        },
      });
    } catch (error) {
      noteFailure(conditions, error);
      // enrol throws nothing but a refusal.
      void end(error as LobsterError, usualGraceMs);
      return false;
    }
  }

  function end(error: LobsterError | null, graceMs: number): Promise<void> {
    ended ??= endOnce(error, graceMs);
    return ended;
  }

  async function endOnce(error: LobsterError | null, graceMs: number): Promise<void> {
    setClaiming(conditions, "Stopping");
    ending.abort();
    rosterDrive?.stop();
    keysDrive?.stop();
    const lastMs = Math.min(3_000, graceMs / 4);
    await runtime.stop({ graceMs: graceMs - lastMs });
    isOver = true;
    gateway.stop();
    const told = new AbortController();
    await Promise.race([reporter.last(), sleep(clock, lastMs, told.signal)]);
    told.abort();
    reporter.stop();
    over.abort();
    await server?.close();
    server = null;
    finish({ error });
  }

  void runtime.finished.then(({ error }) => {
    if (error !== null) void end(error, usualGraceMs);
  });

  return {
    finished,
    health,
    healthUrl: () => server?.url ?? null,
    start: () => (starting ??= begin()),
    stop: ({ graceMs = usualGraceMs } = {}) => end(null, graceMs),
  };
}

async function isProven(drive: SyncDrive): Promise<boolean> {
  const wanted = drive.wanted();
  const { proven, failed = false } = await drive.resync();
  // The control plane may be ahead by now of what it told then.
  return !failed && wanted !== null && proven >= wanted;
}

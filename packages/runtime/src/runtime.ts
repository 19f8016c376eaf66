import {
  checkWhole,
  fullJitter,
  InvalidInputError,
  limits,
  LobsterError,
  scrubbedLogger,
  silentLogger,
  sleep,
  systemClock,
  type Claim,
  type Clock,
  type DeliveryPort,
  type Logger,
  type NotificationId,
} from "@lobstercontrol/core";
import type { OpenClawClient, Responses } from "@lobstercontrol/openclaw-client";
import type { GatewayControl } from "@lobstercontrol/openclaw-client/control";
import { startDelivery, type DeliverContext, type Delivery } from "./deliver.ts";
import type { RuntimeEvent } from "./events.ts";

/** How a runtime is made. */
export interface RuntimeOptions {
  /** The account's deliveries, such as `controlPlane.runtime(serviceToken)`. */
  port: DeliveryPort;
  /** The account's gateway: what `createOpenClawClient` makes. */
  client: { responses: Pick<Responses, "create"> } & Pick<OpenClawClient, "probe">;
  /**
   * Looks into the gateway's sessions: what `createGatewayControl` makes. With it, a cut connection is resolved before
   * anything else is sent on its session key (promise 5). Without it, a notification whose run may have happened is sent
   * again, and its message says that it is repeated.
   */
  control?: Pick<GatewayControl, "sessionMark" | "didRun">;
  /**
   * What to do when a run began and was stopped, failed unseen, or the session does not tell: `repeat` it, which is the
   * default (the message says so), or call it `dead`, so that a person decides.
   */
  onAborted?: "repeat" | "dead";
  /**
   * How often an agent is asked again that ran and said nothing at all: once by default. After that the notification is
   * delivered, and has no message. `NO_REPLY` and `HEARTBEAT_OK` are an agent's own choice and are never asked about.
   */
  emptyRetries?: number;
  /**
   * Names this runtime. A process that starts with the name of one that died takes over its leases at once; two that run
   * at the same time need two names. By default a new random one.
   */
  workerId?: string;
  /** Which start of that worker this is; a new random text by default, and at each start. */
  incarnation?: string;
  /** The most runs at the same time, on as many session keys: 10 by default. */
  concurrency?: number;
  /** How long a lease lasts without renewal, in milliseconds: 30,000 by default. Renewed at a third of it. */
  leaseMs?: number;
  /** How long a run may take, in milliseconds: 10 minutes by default. */
  runTimeoutMs?: number;
  /** How often to look for work that no wake-up told of, in milliseconds: 5,000 by default. */
  pollMs?: number;
  /** Called for whatever happens; must not throw. */
  onEvent?: (event: RuntimeEvent) => void;
  /** Where log lines go: nowhere by default. They are scrubbed first. */
  logger?: Logger;
  /** Whose time. */
  clock?: Clock;
  /** Gives a number in [0, 1). */
  random?: () => number;
}

/** The loop of one account. */
export interface Runtime {
  /** Begins to claim and deliver. Calling it again does nothing. */
  start(): void;
  /**
   * Claims nothing more until `resume`. What is claimed but not sent is handed back; runs under way go on.
   *
   * @returns resolves when nothing runs any more
   */
  pause(): Promise<void>;
  /** Claims again after `pause`. */
  resume(): void;
  /** How many deliveries are under way. */
  running(): number;
  /**
   * Drains (promise 13): claims nothing more and waits for the runs under way; what has not ended shortly before the grace
   * period does is aborted and handed back. Calling it again waits for the same end.
   *
   * @param options `graceMs`: 25,000 by default
   */
  stop(options?: { graceMs?: number }): Promise<void>;
  /**
   * Resolves when the loop has ended. `error` is what ended it without being asked to: a revoked service token, or a newer
   * process of the same worker.
   */
  readonly finished: Promise<{ error: LobsterError | null }>;
}

/** A delivery under way, and whether it takes a place. */
interface Underway {
  delivery: Delivery;
  sessionKey: string;
  /** Whether its run is over and only waits for the control plane to store its end: then it takes no place. */
  isOver: boolean;
  /** Another claim on its session key, of the same notification mostly, for when it has ended: then it keeps its place for that. */
  behind: { claim: Claim; askedAt: number; isAdopted: boolean } | null;
}

const claimBackoff = { baseMs: 100, capMs: 5_000 };

/**
 * Makes the loop that delivers an account's notifications to its gateway and posts the replies. That is all it does: it
 * reports nothing, so that the account's status is `offline`, and the gateway must have the agents and their keys already.
 * `createRuntimeService` sees to these as well.
 *
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` when an option is not usable
 *
 * @example
 * ```ts
 * import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
 * import { createRuntime } from "@lobstercontrol/runtime";
 * import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
 *
 * const controlPlane = createSqliteControlPlane({ path: "lobster.db" });
 * const runtime = createRuntime({
 *   port: controlPlane.runtime(process.env["SERVICE_TOKEN"] ?? ""),
 *   client: createOpenClawClient({
 *     baseUrl: "http://127.0.0.1:18789",
 *     token: process.env["OPENCLAW_GATEWAY_TOKEN"] ?? "",
 *   }),
 * });
 * runtime.start();
 * process.once("SIGTERM", () => void runtime.stop().then(() => controlPlane.close()));
 * ```
 */
export function createRuntime(options: RuntimeOptions): Runtime {
  const { port, client, workerId = crypto.randomUUID(), onEvent = () => {} } = options;
  const { incarnation = crypto.randomUUID() } = options;
  const { control = null, onAborted = "repeat" } = options;
  const { clock = systemClock, random = Math.random } = options;
  if (typeof port?.claim !== "function")
    throw new InvalidInputError({ field: "port", problem: "must be what controlPlane.runtime(token) gives" });
  const concurrency = whole("concurrency", options.concurrency ?? 10, limits.claim);
  const leaseMs = whole("leaseMs", options.leaseMs ?? 30_000, limits.leaseMs);
  const runTimeoutMs = whole("runTimeoutMs", options.runTimeoutMs ?? 10 * 60_000);
  const pollMs = whole("pollMs", options.pollMs ?? 5_000);
  const emptyRetries = options.emptyRetries ?? 1;
  checkWhole("emptyRetries", emptyRetries, { least: 0, most: 100 });
  const logger = scrubbedLogger(options.logger ?? silentLogger);

  const running = new Map<NotificationId, Underway>();
  const timers = new Set<() => void>();
  const stopClaiming = new AbortController();
  let finish: (end: { error: LobsterError | null }) => void;
  const finished = new Promise<{ error: LobsterError | null }>((resolve) => (finish = resolve));
  let started = false;
  let ended = false;
  let stopped: Promise<void> | null = null;
  let claiming: Promise<void> | null = null;
  let claimAgain = false;
  /** Whether the last claim brought as much as was asked for. */
  let mayBeMore = false;
  let paused = false;

  const context: DeliverContext = {
    port,
    client,
    control,
    onAborted,
    emptyRetries,
    clock,
    random,
    logger,
    leaseMs,
    runTimeoutMs,
    emit,
    draining: () => !mayClaim(),
  };

  function mayClaim(): boolean {
    return !paused && !stopClaiming.signal.aborted;
  }

  /** A listener that throws must not cost a notification. */
  function emit(event: RuntimeEvent): void {
    try {
      onEvent(event);
    } catch (error) {
      logger.error({ event: event.type, error }, "onEvent threw");
    }
  }

  /** Looks for work; while a claim is under way, once more after it. */
  function look(): void {
    if (!mayClaim()) return;
    claimAgain = true;
    claiming ??= fill().finally(() => {
      claiming = null;
    });
  }

  /** Claims until every place is taken or nothing is ready. */
  async function fill(): Promise<void> {
    while (claimAgain && mayClaim()) {
      claimAgain = false;
      const taken = Array.from(running.values()).filter(({ isOver, behind }) => !isOver || behind !== null);
      // However slowly ends are stored, no more of them wait than there are places.
      const free = Math.min(concurrency - taken.length, 2 * concurrency - running.size);
      if (free === 0) return;
      const askedAt = clock.now();
      const claims = await claimPatiently(free);
      mayBeMore = claims.length === free;
      for (const claim of claims) run(claim, askedAt);
    }
  }

  /** A claim whose answer was lost is repeated under its own id: it gets the same leases, and none is left behind. */
  async function claimPatiently(limit: number): Promise<Claim[]> {
    const request = { workerId, incarnation, claimId: crypto.randomUUID(), limit, leaseMs };
    for (let tries = 1; ; tries++) {
      try {
        return await port.claim(request);
      } catch (error) {
        if (LobsterError.isInstance(error) && !error.retryable) {
          logger.error({ code: error.code }, "the control plane refuses this runtime: it stops");
          stopped ??= end(error, defaultGraceMs);
          return [];
        }
        logger.warn({ tries, error }, "the control plane did not answer a claim");
        await sleep(clock, fullJitter(tries, claimBackoff, random), stopClaiming.signal);
        if (stopClaiming.signal.aborted) return [];
      }
    }
  }

  function run(claim: Claim, askedAt: number): void {
    // An answer that came after the grace period: nobody is left to deliver it, and its lease runs out.
    if (ended) return;
    const {
      sessionKey,
      lease: { notification },
    } = claim;
    const same = running.get(notification);
    // One that lost its lease, and does not know yet: nothing is sent beside its run.
    const before =
      same ?? Array.from(running.values()).find((each) => each.sessionKey === sessionKey && !each.isOver);
    if (before !== undefined) {
      before.behind = { claim, askedAt, isAdopted: same?.delivery.adopt(claim, askedAt) ?? false };
      return;
    }
    const place: Omit<Underway, "delivery"> = { sessionKey, isOver: false, behind: null };
    const delivery = startDelivery(claim, askedAt, context, () => {
      place.isOver = true;
      // The next claim goes with what is told, and shares its commit where the control plane is in this process.
      if (mayBeMore) look();
    });
    running.set(notification, Object.assign(place, { delivery }));
    void delivery.done.then((inMs) => {
      running.delete(notification);
      const { behind } = place;
      if (behind !== null && (!behind.isAdopted || delivery.leavesLease())) run(behind.claim, behind.askedAt);
      if (inMs !== null && inMs > 0) later(inMs, look);
      look();
    });
  }

  function later(delayMs: number, then: () => void): void {
    if (stopClaiming.signal.aborted) return;
    const cancel = clock.after(delayMs, () => {
      timers.delete(cancel);
      then();
    });
    timers.add(cancel);
  }

  function poll(): void {
    look();
    later(pollMs, poll);
  }

  async function end(error: LobsterError | null, graceMs: number): Promise<void> {
    stopClaiming.abort();
    for (const cancel of timers) cancel();
    // The last part of the grace period is for telling the control plane about runs that are cut short.
    const tellMs = Math.min(2_000, graceMs / 4);
    const drained = new AbortController();
    const cancelAbort = clock.after(graceMs - tellMs, () => {
      for (const { delivery } of running.values()) delivery.abortRun();
    });
    void drain().then(() => drained.abort());
    await sleep(clock, graceMs, drained.signal);
    cancelAbort();
    ended = true;
    for (const { delivery } of running.values()) delivery.giveUp();
    emit({ type: "stopped", error });
    finish({ error });
  }

  async function drain(): Promise<void> {
    // A claim that is under way may still be answered; what it brings is handed back.
    await claiming;
    while (running.size > 0) await Promise.all(Array.from(running.values(), ({ delivery }) => delivery.done));
  }

  return {
    finished,
    running: () => running.size,
    pause() {
      paused = true;
      return drain();
    },
    resume() {
      paused = false;
      look();
    },
    start() {
      if (started) return;
      started = true;
      try {
        port.watch?.(look, stopClaiming.signal);
      } catch (error) {
        // Wake-ups are a hint. What is wrong (a revoked token, say) the first claim finds out, and says.
        logger.warn({ error }, "no wake-ups from the control plane: it is polled");
      }
      poll();
    },
    stop({ graceMs = defaultGraceMs } = {}) {
      stopped ??= end(null, graceMs);
      return stopped;
    },
  };
}

const defaultGraceMs = 25_000;

function whole(field: string, value: number, most: number = Number.MAX_SAFE_INTEGER): number {
  checkWhole(field, value, { least: 1, most });
  return value;
}

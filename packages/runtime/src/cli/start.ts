import { join } from "node:path";
import { scrubbedLogger, type LobsterError, type Logger, type Secret } from "@lobstercontrol/core";
import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { createGatewayControl } from "@lobstercontrol/openclaw-client/control";
import { keepToken } from "../bootstrap/keep-token.ts";
import { keepWorkerId } from "../bootstrap/keep-worker-id.ts";
import { ConfigInvalidError } from "../config/errors.ts";
import { readConfig, type RuntimeConfig, type TokenSource } from "../config/read-config.ts";
import { runHook } from "../directives/run-hook.ts";
import { createRuntimeService } from "../service.ts";
import { version } from "../version.ts";
import { connectControlPlane } from "./connect-control-plane.ts";
import { createSyncs } from "./create-syncs.ts";
import { exitCodeOf } from "./exit-code.ts";
import type { Io } from "./io.ts";

/** An image may have to be fetched. */
const hookMs = 15 * 60_000;
const signalNumbers = { SIGINT: 2, SIGTERM: 15 } as const;

/**
 * Runs until it is asked to stop, or may not go on.
 *
 * @returns the exit code
 * @throws {ConfigInvalidError} `ERR_CONFIG_INVALID`
 */
export async function start(io: Io): Promise<number> {
  const config = readConfig(io.env);
  const { settings } = config;
  const signals = createSignals(io);

  const serviceToken = await kept("SERVICE_TOKEN_FILE", config.serviceToken, "lcs_");
  const gatewayToken = await kept("OPENCLAW_GATEWAY_TOKEN_FILE", config.gatewayToken, "");
  const workerId = config.workerId ?? (await stored("STATE_DIR", () => keepWorkerId(config.stateDir)));
  const logger = scrubbedLogger(
    await io.logger(settings.LOG_LEVEL),
    secretsOf(config, serviceToken, gatewayToken),
  );
  for (const warning of config.warnings) logger.warn({}, warning);

  const { port, bootstrap } = await connectControlPlane(config.controlPlane, serviceToken, {
    timeoutMs: settings.CONTROL_PLANE_TIMEOUT_MS,
    logger,
  });
  const { bootstrapToken, dropletId } = config;
  if (bootstrapToken !== null && bootstrap === null)
    logger.warn({}, "this control plane has no first start: the service token must be good already");
  const gateway = { url: config.gatewayUrl, token: gatewayToken };
  const control = settings.OPENCLAW_CONTROL === "on" ? createGatewayControl({ ...gateway, logger }) : null;
  const syncs = control === null ? undefined : createSyncs(config, port, control, logger);
  const { UPGRADE_HOOK: hook, RELEASE: release } = settings;

  const service = createRuntimeService({
    port,
    client: createOpenClawClient({ baseUrl: gateway.url, token: gateway.token, logger }),
    ...(control === null ? {} : { control }),
    workerId,
    onAborted: settings.ON_ABORTED,
    concurrency: settings.CONCURRENCY,
    leaseMs: settings.LEASE_MS,
    runTimeoutMs: settings.RUN_TIMEOUT_MS,
    pollMs: settings.POLL_MS,
    reportMs: settings.REPORT_MS,
    probeMs: settings.PROBE_MS,
    health: { host: settings.HEALTH_HOST, port: settings.HEALTH_PORT },
    ...(config.stateDir === null ? {} : { journalPath: join(config.stateDir, "directives.json") }),
    ...(syncs === undefined ? {} : { syncs }),
    ...(hook === undefined ? {} : { onUpgrade: (target: string) => runHook(hook, target, hookMs) }),
    ...(release === undefined ? {} : { release }),
    ...(bootstrapToken === null || bootstrap === null
      ? {}
      : {
          enrol: { bootstrap, bootstrapToken, serviceToken, ...(dropletId === null ? {} : { dropletId }) },
        }),
    logger,
  });

  try {
    await service.start();
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    throw invalid("HEALTH_PORT", `cannot be listened on (${code})`);
  }
  logger.info({ version, workerId, health: service.healthUrl() }, "the runtime has started");
  signals.onFirst((signal) => {
    logger.info({ signal, graceMs: settings.DRAIN_GRACE_MS }, "draining; a second signal ends at once");
    void service.stop({ graceMs: settings.DRAIN_GRACE_MS });
  });

  const { error } = await service.finished;
  control?.close();
  tellEnd(logger, error);
  return exitCodeOf(error);
}

/** The first signal drains, even one that came while things were being made; the second ends the process. */
function createSignals(io: Io): { onFirst(listener: (signal: string) => void): void } {
  let first: string | null = null;
  let listener = (_signal: string): void => {};
  io.onSignal((signal) => {
    if (first !== null) return io.exit(128 + signalNumbers[signal]);
    first = signal;
    listener(signal);
  });
  return {
    onFirst(next) {
      listener = next;
      if (first !== null) next(first);
    },
  };
}

function tellEnd(logger: Logger, error: LobsterError | null): void {
  if (error === null) logger.info({}, "the runtime has stopped");
  else
    logger.error(
      { code: error.code, hint: error.hint, docs: error.docs, exitCode: exitCodeOf(error) },
      error.message,
    );
}

const kept = (name: string, source: TokenSource, prefix: string): Promise<Secret> =>
  stored(name, () => keepToken(source, prefix));

/** A disk that does not take what must be kept is the configuration's fault: it names the place. */
async function stored<T>(name: string, keep: () => Promise<T>): Promise<T> {
  try {
    return await keep();
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    throw invalid(name, `names a place that cannot be written (${code})`);
  }
}

const invalid = (name: string, problem: string): ConfigInvalidError =>
  new ConfigInvalidError({ problems: [{ name, problem }] });

function systemCode(error: unknown): string | null {
  return error instanceof Error && "code" in error && /^E[A-Z]+$/.test(String(error.code))
    ? String(error.code)
    : null;
}

function secretsOf(config: RuntimeConfig, ...tokens: Secret[]): Secret[] {
  const keys = config.fallbackKeys.map(({ key }) => key);
  return [...tokens, ...keys, ...(config.bootstrapToken === null ? [] : [config.bootstrapToken])];
}

import { InvalidInputError, scrubbedLogger, Secret, silentLogger, systemClock } from "@lobstercontrol/core";
import { z } from "zod";
import { listAgents } from "./agents.ts";
import { applyConfig } from "./config.ts";
import { connection, webSocketUrl } from "./connection.ts";
import { deviceOf } from "./device-key.ts";
import { didRun } from "./did-run.ts";
import { pair } from "./pair.ts";
import { proveSecret, reloadSecrets } from "./secrets.ts";
import { markOf } from "./session-mark.ts";
import { viewSession } from "./session-view.ts";
import type { GatewayControl, GatewayControlOptions } from "./types.ts";

const defaultCallTimeoutMs = 15_000;

/**
 * Control of one running gateway, over its own WebSocket protocol. Needs Node. Nothing is sent before the first call, and
 * a gateway that restarts in between does not matter.
 *
 * @param options where the gateway is, its token, and a device for one that is not on loopback
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` when `url`, `token` or `deviceKey` cannot be used
 *
 * @example
 * ```ts
 * import { sessionKey } from "@lobstercontrol/core";
 * import { createOpenClawClient, OpenClawError } from "@lobstercontrol/openclaw-client";
 * import { createGatewayControl } from "@lobstercontrol/openclaw-client/control";
 *
 * const token = "correct horse";
 * const client = createOpenClawClient({ baseUrl: "http://127.0.0.1:18789", token });
 * const control = createGatewayControl({ url: "http://127.0.0.1:18789", token });
 *
 * const key = sessionKey({ account: "acme", agent: "writer", thread: "t1", epoch: 0 });
 * const mark = await control.sessionMark(key);
 * try {
 *   await client.responses.create({ agent: "writer", sessionKey: key, input: "Publish the draft." });
 * } catch (error) {
 *   if (!OpenClawError.isInstance(error) || error.outcome !== "maybeRan") throw error;
 *   const { verdict, text } = await control.didRun({ sessionKey: key, mark });
 *   console.log(verdict, text);
 * }
 * control.close();
 * ```
 */
export function createGatewayControl(options: GatewayControlOptions): GatewayControl {
  const token = secretOf(options.token);
  if (token.reveal() === "") throw new InvalidInputError({ field: "token", problem: "must not be empty" });
  const deviceKey = options.deviceKey === undefined ? null : secretOf(options.deviceKey);
  const device = deviceKey === null ? null : deviceOf(deviceKey);
  const clock = options.clock ?? systemClock;
  const logger = scrubbedLogger(
    options.logger ?? silentLogger,
    deviceKey === null ? [token] : [token, deviceKey],
  );
  const gateway = connection({
    url: webSocketUrl(options.url),
    token,
    device,
    clock,
    callTimeoutMs: options.callTimeoutMs ?? defaultCallTimeoutMs,
  });
  const { call } = gateway;

  return {
    sessionMark: async (sessionKey) => markOf(await viewSession(call, sessionKey, 1)),
    async didRun(parameters) {
      const verdict = await didRun(gateway, clock, parameters);
      logger.debug(
        { verdict: verdict.verdict, responseId: verdict.responseId },
        "asked what became of a run",
      );
      return verdict;
    },
    agents: () => listAgents(call),
    async requestRestart(reason) {
      await call("gateway.restart.request", { reason }, z.unknown());
      logger.info({}, "asked the gateway to restart");
    },
    async reloadSecrets() {
      const reload = await reloadSecrets(call);
      logger.info({ ...reload }, "had the gateway read its secrets again");
      return reload;
    },
    proveSecret: (path, expected) => proveSecret(call, path, expected),
    async applyConfig(parameters) {
      await applyConfig(gateway, clock, parameters);
      logger.info({}, "the gateway runs with the new configuration");
    },
    async pair() {
      if (device === null)
        throw new InvalidInputError({ field: "deviceKey", problem: "must be given to pair" });
      const pairing = await pair(call, device);
      logger.info({ ...pairing }, "asked whether this device is paired");
      return pairing;
    },
    close: gateway.close,
  };
}

function secretOf(value: Secret | string): Secret {
  return typeof value === "string" ? new Secret(value) : value;
}

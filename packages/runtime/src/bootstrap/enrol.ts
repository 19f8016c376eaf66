import { createHash } from "node:crypto";
import {
  fullJitter,
  LobsterError,
  sleep,
  UnauthorizedError,
  type BootstrapPort,
  type Clock,
  type Logger,
  type RuntimePort,
  type Secret,
} from "@lobstercontrol/core";
import { BootstrapRefusedError } from "./errors.ts";

/** What a first start needs. */
export interface EnrolOptions {
  /** The runtime's calls, by the service token that it keeps. */
  port: Pick<RuntimePort, "agents">;
  /** The calls of a first start. */
  bootstrap: Pick<BootstrapPort, "exchange">;
  /** What is exchanged. */
  bootstrapToken: Secret;
  /** What it is exchanged for: on this machine's disk already. */
  serviceToken: Secret;
  /** The droplet that this is, as DigitalOcean knows it, when that is known. */
  dropletId?: number;
  /** Told what the control plane answers, or that it does not. */
  onTry: (error: LobsterError | null) => void;
  clock: Clock;
  random: () => number;
  logger: Logger;
  /** Ends it. */
  signal: AbortSignal;
}

const backoff = { baseMs: 500, capMs: 15_000 };

/**
 * Makes the service token that this machine has stored the account's, unless it is so already. Only its SHA-256 is sent, and
 * the same hash again succeeds: a lost answer, a crash or a second start ends well. Tries until it is answered.
 *
 * @returns false when the signal ended it
 * @throws {BootstrapRefusedError} `ERR_BOOTSTRAP_REFUSED` when the control plane says no
 */
export async function enrol(options: EnrolOptions): Promise<boolean> {
  const { port, bootstrap, bootstrapToken, serviceToken, dropletId, onTry, clock, random, logger, signal } =
    options;
  const serviceTokenHash = createHash("sha256").update(serviceToken.reveal()).digest("hex");
  const droplet = dropletId === undefined ? {} : { dropletId };

  async function once(): Promise<void> {
    try {
      // The cheapest call that fails when the token is not good.
      return void (await port.agents());
    } catch (error) {
      if (!UnauthorizedError.isInstance(error)) throw error;
    }
    try {
      const { account } = await bootstrap.exchange({ bootstrapToken, serviceTokenHash, ...droplet });
      logger.info({ account }, "exchanged the bootstrap token for a service token");
    } catch (error) {
      if (!LobsterError.isInstance(error) || error.retryable) throw error;
      throw new BootstrapRefusedError({ code: error.code, problem: error.message });
    }
  }

  for (let tries = 1; !signal.aborted; tries++) {
    try {
      await once();
      onTry(null);
      return true;
    } catch (error) {
      if (BootstrapRefusedError.isInstance(error)) throw error;
      logger.warn({ tries, error }, "the control plane did not answer a first start");
      if (LobsterError.isInstance(error)) onTry(error);
      await sleep(clock, fullJitter(tries, backoff, random), signal);
    }
  }
  return false;
}

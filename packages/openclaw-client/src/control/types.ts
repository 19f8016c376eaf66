import type { Clock, Logger, Secret, SessionMark } from "@lobstercontrol/core";

/** How {@link createGatewayControl} is set up. */
export interface GatewayControlOptions {
  /**
   * Where the gateway listens, such as `http://127.0.0.1:18789` or `ws://127.0.0.1:18789`.
   *
   * On loopback of the gateway's own network namespace the token alone gives full control. From anywhere else the gateway
   * asks for a device that an operator has approved: see `deviceKey`. There, use `https` or `wss`: plain text is refused but
   * to private addresses.
   */
  url: string | URL;
  /** The gateway's token. */
  token: Secret | string;
  /**
   * The private key of this control's device, as `createDeviceKey` makes it: a secret. With it, a gateway elsewhere takes
   * control calls once an operator has approved the device; see `pair`. Default: no device, which is enough on loopback.
   */
  deviceKey?: Secret | string;
  /** Measures timeouts. Default: the machine's clock. */
  clock?: Clock;
  /** Where log lines go, without token, session key or any secret. Default: nowhere. */
  logger?: Logger;
  /** The longest that one call to the gateway may take, connecting included, in milliseconds. Default: 15 seconds. */
  callTimeoutMs?: number;
}

/**
 * Control of one running gateway; made by {@link createGatewayControl}.
 *
 * Every method throws `ERR_CONTROL_UNREACHABLE`, `ERR_CONTROL_UNAUTHORIZED`, `ERR_CONTROL_TIMEOUT` or `ERR_CONTROL_CALL`
 * when the gateway cannot be asked, and
 * `ERR_CONTROL_NOT_PAIRED` when it is not on loopback and wants a device approved first.
 */
export interface GatewayControl {
  /**
   * What a session looks like now. Take it before a send, keep it with the attempt, and hand it to `didRun` when the
   * connection was cut. One that is taken while something runs in the session tells nothing:
   * `didRun` says `active` for as long as something runs there, and then `unknown`.
   *
   * @param sessionKey the full key, as `sessionKey` of `@lobstercontrol/core` makes it
   */
  sessionMark(sessionKey: string): Promise<SessionMark>;
  /**
   * Whether the one request that was sent on a session since a mark did run.
   *
   * Ask before anything else is sent on that session: the next turn wipes out the traces of one that was cut. After a
   * crash of the gateway wait until it is ready again: it takes up by itself what it was at.
   *
   * `notRun` and `unknown` are said only after a second look a second later.
   *
   * @param parameters the session, and its mark from before the send
   */
  didRun(parameters: DidRunParameters): Promise<RunVerdict>;
  /** Slugs of the agents that the gateway has now, in alphabetical order. */
  agents(): Promise<string[]>;
  /**
   * Asks the gateway to restart as soon as no run is under way. It returns when the gateway has taken note.
   *
   * @param reason for the gateway's log; no secrets
   */
  requestRestart(reason: string): Promise<void>;
  /**
   * Has the gateway read all its secrets again. That it did so does not prove that it has a certain value: a file it
   * cannot use only gives a warning, and the old value stays. See `proveSecret`.
   */
  reloadSecrets(): Promise<SecretsReload>;
  /**
   * Whether the gateway now uses this value for a provider's key. Works for keys that are a SecretRef; for others it is
   * always false. The gateway's value is compared in memory, in constant time, and dropped.
   *
   * @param path where the key is in the configuration: `models.providers.<id>.apiKey`
   * @param expected what it should be
   * @throws {InvalidInputError} `ERR_INVALID_INPUT` for any other path
   */
  proveSecret(path: string, expected: Secret): Promise<boolean>;
  /**
   * Writes the gateway's configuration and returns once the gateway is proven to run with it.
   *
   * The file is replaced in one step, readable for its owner alone. When the gateway finds it invalid, the old text is
   * put back, or the gateway could not start again.
   *
   * @param parameters the file, and its new text
   * @throws {ControlConfigInvalidError} `ERR_CONTROL_CONFIG_INVALID` with what the gateway says is wrong
   * @throws {InvalidInputError} `ERR_INVALID_INPUT` when `path` is not the file that the gateway reads
   */
  applyConfig(parameters: ApplyConfigParameters): Promise<void>;
  /**
   * Asks the gateway to let this control's device in, and tells whether it does. Ask again until an operator has approved
   * it: the request stays the same for five minutes, then there is a new one. Nothing else has to be kept: the gateway
   * knows the device by its key, and an approval that is revoked ends with the next call.
   *
   * On loopback there is nothing to approve, and the answer is yes.
   *
   * @throws {InvalidInputError} `ERR_INVALID_INPUT` without a `deviceKey`
   *
   * @example
   * ```ts
   * import { createGatewayControl } from "@lobstercontrol/openclaw-client/control";
   *
   * export async function ask(token: string, deviceKey: string): Promise<string> {
   *   const control = createGatewayControl({ url: "wss://gateway.example", token, deviceKey });
   *   const { isPaired, deviceId, requestId } = await control.pair();
   *   control.close();
   *   return isPaired ? "Ready." : `Device ${deviceId} waits for: openclaw devices approve ${requestId}`;
   * }
   * ```
   */
  pair(): Promise<Pairing>;
  /** Ends what is under way, and refuses what comes after. Repeatable. */
  close(): void;
}

/** What {@link GatewayControl.didRun} needs. */
export interface DidRunParameters {
  /** The session that the request was sent on. */
  sessionKey: string;
  /** The session before the send, from `sessionMark`. */
  mark: SessionMark;
}

/** What became of a request; see {@link GatewayControl.didRun}. */
export interface RunVerdict {
  /**
   * - `notRun`: the model was not asked; the request may be sent again
   * - `active`: something runs in the session, or the gateway is about to take it up again; ask later
   * - `aborted`: it began and was stopped; the agent may have acted
   * - `failed`: it ran, and failed
   * - `ran`: it ran to its end
   * - `unknown`: the session does not tell, for instance because it was reset or used by others since the mark
   */
  verdict: "notRun" | "active" | "aborted" | "failed" | "ran" | "unknown";
  /**
   * With `active`: nothing runs there. A crash interrupted it, and the gateway has yet to take it up again. It does so within
   * some 75 seconds of its start, or never, as when it was killed once more while it did.
   */
  isInterrupted?: boolean;
  /** What the agent said, with `ran` alone; absent when the gateway does not hand it out whole (over about 128 KiB). */
  text?: string;
  /** The gateway's id of the run, when it is known. */
  responseId?: string;
}

/** How a device stands with the gateway; see {@link GatewayControl.pair}. */
export interface Pairing {
  /** The gateway takes control calls of it. */
  isPaired: boolean;
  /** What the gateway calls it: the SHA-256 of its public key, for an operator to compare. */
  deviceId: string;
  /** What an operator has to approve: `openclaw devices approve <requestId>`. Null when nothing. */
  requestId: string | null;
}

/** What came of {@link GatewayControl.reloadSecrets}. */
export interface SecretsReload {
  /** How many secrets could not be read; those keep their old values. */
  warnings: number;
}

/** What {@link GatewayControl.applyConfig} needs: a text, or a function that makes it. */
export type ApplyConfigParameters = {
  /** The file that the gateway reads, as this machine names it. */
  path: string;
  /** How long the gateway may take until it runs with it, in milliseconds. Default: 60 seconds. */
  timeoutMs?: number;
} & (
  | {
      /** The whole new text. */
      text: string;
    }
  | {
      /** Makes the whole new text. */
      render: () => string | Promise<string>;
    }
);

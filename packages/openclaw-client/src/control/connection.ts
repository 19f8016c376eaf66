import { InvalidInputError, type Clock, type Secret } from "@lobstercontrol/core";
import { GatewayClient } from "@openclaw/gateway-client";
import type { z } from "zod";
import type { Device } from "./device-key.ts";
import { ControlCallError, ControlTimeoutError, ControlUnreachableError } from "./errors.ts";
import { callFailure, connectFailure } from "./failure.ts";

/** The version of the gateway's protocol that the answers here were seen in. */
const protocol = 4;

/** Calls one method of the gateway and checks what it answers. */
export type Call = <T>(method: string, parameters: object, answer: z.ZodType<T>) => Promise<T>;

/** A way to the gateway. */
export interface Connection {
  /** Each call has a connection of its own: it takes some 30 ms, and there is none to keep alive or to mend. */
  call: Call;
  /** Ends all calls, now and later. */
  close: () => void;
  /** Aborted by `close`. */
  closed: AbortSignal;
}

/** What {@link connection} needs. */
export interface ConnectionOptions {
  /** As {@link webSocketUrl} gives it. */
  url: string;
  token: Secret;
  /** None for one that is on loopback. */
  device: Device | null;
  clock: Clock;
  callTimeoutMs: number;
}

/** Makes a {@link Connection}; nothing is sent before the first call. */
export function connection({ url, token, device, clock, callTimeoutMs }: ConnectionOptions): Connection {
  const closing = new AbortController();

  async function call<T>(method: string, parameters: object, answer: z.ZodType<T>): Promise<T> {
    const result = await answerOf(method, parameters);
    const parsed = answer.safeParse(result);
    // The problem is not told: it could repeat a value, and a value here may be a secret.
    if (!parsed.success) throw new ControlCallError({ method, problem: "its answer has another shape" });
    return parsed.data;
  }

  function answerOf(method: string, parameters: object): Promise<unknown> {
    if (closing.signal.aborted) return Promise.reject(new ControlUnreachableError({ reason: "closed" }));
    return new Promise<unknown>((resolve, reject) => {
      const settle = (act: () => void): void => {
        cancelTimer();
        closing.signal.removeEventListener("abort", onClose);
        act();
        client?.stop();
      };
      const fail = (error: Error): void => settle(() => reject(error));
      const onClose = (): void => fail(new ControlUnreachableError({ reason: "closed" }));
      const cancelTimer = clock.after(callTimeoutMs, () =>
        fail(new ControlTimeoutError({ what: method, timeoutMs: callTimeoutMs })),
      );
      closing.signal.addEventListener("abort", onClose, { once: true });

      let client: GatewayClient | undefined;
      try {
        client = new GatewayClient({
          url,
          token: token.reveal(),
          minProtocol: protocol,
          maxProtocol: protocol,
          role: "operator",
          scopes: ["operator.admin"],
          ...device?.signIn,
          onHelloOk: () => {
            client?.request<unknown>(method, parameters, { timeoutMs: null }).then(
              (result) => settle(() => resolve(result)),
              (error: unknown) => fail(callFailure(method, parameters, error, token)),
            );
          },
          onConnectError: (error) => fail(connectFailure(error)),
        });
        client.start();
      } catch (error) {
        fail(connectFailure(error));
      }
    });
  }

  return { call, close: () => closing.abort(), closed: closing.signal };
}

/**
 * The address of the gateway's WebSocket.
 *
 * @throws {InvalidInputError} when it is no `http(s)` or `ws(s)` URL, or has credentials in it
 */
export function webSocketUrl(url: string | URL): string {
  const parsed = URL.parse(String(url));
  const scheme = { "http:": "ws:", "https:": "wss:", "ws:": "ws:", "wss:": "wss:" }[parsed?.protocol ?? ""];
  if (parsed === null || scheme === undefined)
    throw new InvalidInputError({ field: "url", problem: "is not an http, https, ws or wss URL" });
  if (parsed.username !== "" || parsed.password !== "")
    throw new InvalidInputError({ field: "url", problem: "must not have credentials; use token" });
  return `${scheme}//${parsed.host}${parsed.pathname}${parsed.search}`;
}

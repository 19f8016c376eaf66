import { fullJitter } from "../backoff.ts";
import { sleep, systemClock, type Clock } from "../clock.ts";
import { InvalidInputError } from "../errors.ts";
import { Secret } from "../secret.ts";
import type { SentCall } from "./call.ts";
import { checkUrl } from "./check-url.ts";
import { ControlPlaneUnreachableError } from "./errors.ts";
import { exchange } from "./exchange.ts";
import { readAnswer } from "./read-answer.ts";

/** What every client can be told. */
export interface ClientOptions {
  /**
   * Where the handler is served, with its prefix: `https://platform.example.com/lobster`. Plain `http` is for loopback alone,
   * since tokens and keys would travel in clear.
   */
  url: string | URL;
  /** How long one try of a call may take, in milliseconds. Default: 10 seconds. */
  timeoutMs?: number;
  /** Sends every request. Default: the global `fetch`. */
  fetch?: typeof globalThis.fetch;
  /** Measures timeouts and waits. Default: the machine's clock. */
  clock?: Clock;
  /** Gives a number in [0, 1) for the waits between tries. */
  random?: () => number;
}

/** Where calls go, and how. */
export interface Connection {
  fetch: typeof globalThis.fetch;
  clock: Clock;
  random: () => number;
  /** The URL of a path such as `runtime/claim`. */
  urlOf(path: string): string;
  /**
   * Sends a call; again when nobody answered and its repetition is safe.
   *
   * @param token null when the caller is known by something else, such as a cookie
   * @throws {LobsterError} what the control plane threw, or why it could not be asked
   */
  send<Request, Answer>(
    path: string,
    call: SentCall<Request, Answer>,
    request: Request,
    token: Secret | null,
  ): Promise<Answer>;
}

/** How often a call is sent that may be repeated, and the waits between. For longer, the caller repeats it. */
const mostTries = 3;
const backoff = { baseMs: 200, capMs: 2_000 };

/** @throws {InvalidInputError} `ERR_INVALID_INPUT` when the URL is not one that a token may be sent to */
export function connect(options: ClientOptions): Connection {
  const { timeoutMs = 10_000, clock = systemClock, random = Math.random } = options;
  // Looked up at each call, so that a global fetch that is replaced later is respected.
  const { fetch = (input, init) => globalThis.fetch(input, init) } = options;
  const base = checkUrl(options.url);
  const urlOf = (path: string): string => `${base}/v1/${path}`;

  return {
    fetch,
    clock,
    random,
    urlOf,
    async send(path, call, request, token) {
      const init = {
        method: "POST",
        headers: { ...authorization(token), "content-type": "application/json" },
        body: JSON.stringify(call.encode(request)),
      };
      for (let tries = 1; ; tries++) {
        try {
          const { response, text } = await exchange({ fetch, clock, timeoutMs }, urlOf(path), init);
          return call.decode(readAnswer(response, text));
        } catch (error) {
          const again = call.repeatable && ControlPlaneUnreachableError.isInstance(error);
          if (!again || tries === mostTries) throw error;
          await sleep(clock, fullJitter(tries, backoff, random));
        }
      }
    },
  };
}

/** The header that says who asks. */
export const authorization = (token: Secret | null): Record<string, string> =>
  token === null ? {} : { authorization: `Bearer ${token.reveal()}` };

/** @throws {InvalidInputError} `ERR_INVALID_INPUT`; without this check `fetch` would throw one that quotes the token */
export function checkToken(field: string, token: Secret | string): Secret {
  const secret = typeof token === "string" ? new Secret(token) : token;
  if (!/^[\x21-\x7e]{1,512}$/.test(secret.reveal()))
    throw new InvalidInputError({ field, problem: "must be one line of printable ASCII without spaces" });
  return secret;
}

import {
  LobsterError,
  scrubbedLogger,
  silentLogger,
  type Logger,
  type RuntimePort,
  type Secret,
} from "@lobstercontrol/core";
import { checkToken, checkUrl, UnexpectedError } from "@lobstercontrol/core/http";
import { ConvexClient, ConvexHttpClient } from "convex/browser";
import { runtimeFunctions } from "./functions.ts";
import { runtimePortOver, type Caller } from "./port-over.ts";
import { inTime } from "./send.ts";

/** How a runtime reaches its control plane on Convex. */
export interface ConvexRuntimePortOptions {
  /** The URL of the deployment: `https://happy-animal-123.convex.cloud`. Plain `http` is for loopback alone. */
  url: string | URL;
  /** What the account's admin was shown by `issueServiceToken`. */
  serviceToken: Secret | string;
  /** Where the app exports what `runtimeApi` made: `lobster/runtime` by default, for `convex/lobster/runtime.ts`. */
  module?: string;
  /** How long a call may take, in milliseconds: 30,000 by default. */
  timeoutMs?: number;
  /** Sends every call. Default: the global `fetch`. */
  fetch?: typeof globalThis.fetch;
  /** Where warnings go. They are scrubbed first. */
  logger?: Logger;
}

/**
 * The port of a runtime on Convex. Calls go over HTTP: each ends, well or not, in its time, where one over a socket that is down
 * would wait for it without end. Wake-ups come over a socket, by a subscription to one small query, which reconnects by itself;
 * while it is down there are none, and the runtime polls, as it always does besides.
 *
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` when the URL is neither `https` nor on loopback, or the token is none
 *
 * @example
 * ```ts
 * import { createConvexRuntimePort } from "@lobstercontrol/convex/runtime";
 *
 * const port = createConvexRuntimePort({
 *   url: process.env["CONVEX_URL"] ?? "",
 *   serviceToken: process.env["SERVICE_TOKEN"] ?? "",
 * });
 * console.log(await port.agents());
 * ```
 */
export function createConvexRuntimePort(options: ConvexRuntimePortOptions): Required<RuntimePort> {
  const { module = "lobster/runtime", timeoutMs = 30_000 } = options;
  const { fetch = (input, init) => globalThis.fetch(input, init) } = options;
  const url = checkUrl(options.url);
  const serviceToken = checkToken("serviceToken", options.serviceToken);
  const logger = scrubbedLogger(options.logger ?? silentLogger, [serviceToken]);
  const functions = runtimeFunctions(module);
  // Whatever the client itself would print may hold the token, which is an argument of every call.
  const quiet = { logger: false, skipConvexDeploymentUrlCheck: true } as const;
  const client = new ConvexHttpClient(url, { ...quiet, fetch: inTime(fetch, timeoutMs) });

  const caller: Caller = {
    query: (f, args) => told(() => client.query(f, args)),
    // Beside each other: by default a client sends the next mutation when the one before was answered.
    mutation: (f, args) => told(() => client.mutation(f, args, { skipQueue: true })),
    action: (f, args) => told(() => client.action(f, args)),
  };

  return {
    ...runtimePortOver(caller, functions, serviceToken),
    watch(onWork, signal) {
      if (signal.aborted) return;
      const socket = new ConvexClient(url, quiet);
      const unsubscribe = socket.onUpdate(
        functions.isThereWork,
        { token: serviceToken.reveal() },
        () => {
          if (!signal.aborted) onWork();
        },
        // A revoked token, say: what is wrong the next claim finds out, and says.
        (error) => logger.warn({ error }, "no wake-ups from the control plane: it is polled"),
      );
      signal.addEventListener(
        "abort",
        () => {
          unsubscribe();
          void socket.close();
        },
        { once: true },
      );
    },
  };
}

/** What neither we nor the network said: a function that failed unexpectedly, whose words Convex keeps to its log. */
async function told<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    if (LobsterError.isInstance(error) || (error instanceof Error && "data" in error)) throw error;
    throw new UnexpectedError({ cause: error });
  }
}

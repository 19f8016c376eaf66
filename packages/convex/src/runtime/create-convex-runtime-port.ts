import {
  scrubbedLogger,
  silentLogger,
  type Logger,
  type RuntimePort,
  type Secret,
} from "@lobstercontrol/core";
import { checkToken, checkUrl } from "@lobstercontrol/core/http";
import { ConvexClient } from "convex/browser";
import { runtimeFunctions } from "./functions.ts";
import { runtimePortOver } from "./port-over.ts";
import { createCaller, quiet, type CallerOptions } from "./quiet-client.ts";

/** How a runtime reaches its control plane on Convex. */
export interface ConvexRuntimePortOptions extends CallerOptions {
  /** The URL of the deployment: `https://happy-animal-123.convex.cloud`. Plain `http` is for loopback alone. */
  url: string | URL;
  /** What the account's admin was shown by `issueServiceToken`. */
  serviceToken: Secret | string;
  /** Where the app exports what `runtimeApi` made: `lobster/runtime` by default, for `convex/lobster/runtime.ts`. */
  module?: string;
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
  const { module = "lobster/runtime" } = options;
  const url = checkUrl(options.url);
  const serviceToken = checkToken("serviceToken", options.serviceToken);
  const logger = scrubbedLogger(options.logger ?? silentLogger, [serviceToken]);
  const functions = runtimeFunctions(module);
  return {
    ...runtimePortOver(createCaller(url, options), functions, serviceToken),
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

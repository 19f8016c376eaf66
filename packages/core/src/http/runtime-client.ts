import { boundedFailure } from "../notification/answers.ts";
import type { RuntimePort } from "../ports/runtime.ts";
import type { Secret } from "../secret.ts";
import type { SentCall } from "./call.ts";
import { checkToken, connect, type ClientOptions } from "./connection.ts";
import { runtimeCalls } from "./runtime-calls.ts";
import { keepWatching } from "./keep-watching.ts";

/** How {@link createRuntimeClient} is set up. */
export interface RuntimeClientOptions extends ClientOptions {
  /** The service token of the account. */
  serviceToken: Secret | string;
}

/**
 * The port of a runtime whose control plane is on another machine, behind `createRuntimeHandler`. Errors are those that the
 * control plane threw, of the same class. When no answer comes a call is sent again, three times in all: every call of a
 * runtime is made to be repeated. `watch` connects again by itself for as long as the token is good.
 *
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` when the URL is neither `https` nor on loopback, or the token is none
 *
 * @example
 * ```ts
 * import { createRuntimeClient } from "@lobstercontrol/core/http";
 *
 * const port = createRuntimeClient({
 *   url: "https://platform.example.com/lobster",
 *   serviceToken: process.env["SERVICE_TOKEN"] ?? "",
 * });
 * console.log(await port.agents());
 * ```
 */
export function createRuntimeClient(options: RuntimeClientOptions): RuntimePort {
  const connection = connect(options);
  const token = checkToken("serviceToken", options.serviceToken);

  function ask<Request, Answer>(
    name: string,
    call: SentCall<Request, Answer>,
    request: Request,
  ): Promise<Answer> {
    return connection.send(`runtime/${name}`, call, request, token);
  }

  return {
    claim: (request) => ask("claim", runtimeCalls.claim, request),
    begin: (lease, attempt) => ask("begin", runtimeCalls.begin, { lease, attempt }),
    renew: (lease, leaseMs) => ask("renew", runtimeCalls.renew, { lease, leaseMs }),
    complete: (lease, outcome) => ask("complete", runtimeCalls.complete, { lease, outcome }),
    fail: (lease, failure) => ask("fail", runtimeCalls.fail, { lease, failure: boundedFailure(failure) }),
    release: (lease) => ask("release", runtimeCalls.release, { lease }),
    agents: () => ask("agents", runtimeCalls.agents, {}),
    providerKeys: () => ask("providerKeys", runtimeCalls.providerKeys, {}),
    report: (report) => ask("report", runtimeCalls.report, report),
    watch: (onWork, signal) => void keepWatching(connection, token, onWork, signal),
  };
}

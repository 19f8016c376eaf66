import { connect } from "./connection.ts";
import { probe } from "./probe/probe.ts";
import { models } from "./models/models.ts";
import { createResponseStream } from "./responses/response-stream.ts";
import { run } from "./responses/run.ts";
import type { OpenClawClientOptions, OpenClawClient } from "./types.ts";

/**
 * A client of one gateway.
 *
 * @param options where the gateway is, and its token
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` when `baseUrl` or `token` cannot be used
 *
 * @example
 * ```ts
 * import { createOpenClawClient, sessionKey } from "@lobstercontrol/openclaw-client";
 *
 * const client = createOpenClawClient({ baseUrl: "http://127.0.0.1:18789", token: "correct horse" });
 *
 * const { text } = await client.responses.create({
 *   agent: "writer",
 *   sessionKey: sessionKey({ account: "acme", agent: "writer", thread: "t1", epoch: 0 }),
 *   input: "Bea mentioned you: can you look at the draft?",
 * });
 * console.log(text);
 * ```
 */
export function createOpenClawClient(options: OpenClawClientOptions): OpenClawClient {
  const connection = connect(options);
  return {
    responses: {
      create: (request) => run(connection, request, () => {}),
      stream: (request) => createResponseStream((take, signal) => run(connection, request, take, signal)),
    },
    models: (parameters = {}) => models(connection, parameters),
    probe: (parameters = {}) => probe(connection, parameters),
  };
}

import type { Connection } from "../connection.ts";
import type { AgentResponse } from "../types.ts";
import type { ResponseRequest } from "./request.ts";
import { run } from "./run.ts";

/** A run from beginning to end, its events read and forgotten. */
export async function createResponse(
  connection: Connection,
  request: ResponseRequest,
): Promise<AgentResponse> {
  const batches = run(connection, request);
  for (;;) {
    const { done, value } = await batches.next();
    if (done === true) return value;
  }
}

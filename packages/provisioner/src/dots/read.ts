import { DropletApiError } from "@lobstercontrol/core";
import type { z } from "zod";
import type { Done } from "./exchange.ts";

/**
 * Reads what an answer holds.
 *
 * @throws {DropletApiError} `ERR_DROPLET_API` when it holds something else. It was done all the same
 */
export function read<Thing>(
  call: string,
  { status, requestId, body }: Done,
  schema: z.ZodType<Thing>,
): Thing {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const at = result.error.issues[0]?.path.map(String).join(".") ?? "";
  throw new DropletApiError({
    outcome: "unknown",
    reason: "garbled",
    // Not what is there instead, which may be anything.
    problem: `${call} was answered with status ${status} and JSON that is not as documented${at === "" ? "" : `, at ${at}`}.`,
    status,
    requestId,
  });
}

import type { z } from "zod";
import { InvalidInputError } from "./errors.ts";

/**
 * Checks a value at the edge. The first problem is told by its field; the value is not repeated, since it may be secret.
 *
 * @param schema what is expected
 * @param value what came
 * @param what the name of the whole, such as `notification`
 * @throws {InvalidInputError} `ERR_INVALID_INPUT`
 */
export function parse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  what: string,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = [what, ...(issue?.path ?? [])].map(String).join(".");
  // Of a name within a record, what is wrong with it is told one level below.
  const told = issue?.code === "invalid_key" ? issue.issues[0] : issue;
  throw new InvalidInputError({ field, problem: told?.message ?? "is not valid" });
}

import { InvalidInputError } from "@lobstercontrol/core";

/**
 * Refuses a value by the name of its field; the value itself is not repeated.
 *
 * @throws {InvalidInputError} `ERR_INVALID_INPUT`
 */
export function refuse(field: string, problem: string): never {
  throw new InvalidInputError({ field, problem });
}

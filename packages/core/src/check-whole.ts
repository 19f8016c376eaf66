import { InvalidInputError } from "./errors.ts";

/**
 * Refuses a number that is not whole or out of its range.
 *
 * @param field named in the error
 * @param value the number
 * @param range the least and the most, both allowed
 * @throws {InvalidInputError} `ERR_INVALID_INPUT`
 */
export function checkWhole(field: string, value: number, range: { least: number; most: number }): void {
  const { least, most } = range;
  if (!Number.isInteger(value) || value < least || value > most)
    throw new InvalidInputError({ field, problem: `must be a whole number from ${least} to ${most}` });
}

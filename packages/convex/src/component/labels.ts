import { InvalidInputError } from "@lobstercontrol/core";

/**
 * Refuses names that are endless, or that no log line can carry.
 *
 * @throws {InvalidInputError} `ERR_INVALID_INPUT`
 */
export function checkLabels(labels: Readonly<Record<string, string>>): void {
  for (const [field, label] of Object.entries(labels)) {
    if (!/^[^\p{Cc}\p{Cs}]{1,256}$/u.test(label))
      throw new InvalidInputError({
        field,
        problem: "must be 1 to 256 characters, none of them a control character",
      });
  }
}

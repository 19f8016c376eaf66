import { z } from "zod";
import { LobsterError } from "../error.ts";
import { knownErrors } from "./known-errors.ts";

/** An error as it travels. */
export const wireError = z.object({
  code: z.string().regex(/^ERR_[A-Z0-9_]{1,64}$/),
  message: z.string(),
  hint: z.string(),
  retryable: z.boolean(),
});

/**
 * Makes the error again that the control plane threw: of the same class, and in its own words. One that only a package
 * above this one knows is a plain `LobsterError` with its code, which is what `isInstance` goes by.
 */
export function reviveError(wire: z.output<typeof wireError>): LobsterError {
  const error = new LobsterError(wire);
  const known = knownErrors.find(({ type }) => type.code === wire.code);
  if (known === undefined) return error;
  // Its constructor would write the words anew, from a context that did not travel.
  Object.setPrototypeOf(error, known.type.prototype);
  error.name = known.type.name;
  return error;
}

import { LobsterError } from "@lobstercontrol/core";
import { describe, expect, it } from "vitest";
import {
  EnvelopeRejectedError,
  KeyRingInvalidError,
  ProviderKeyConflictError,
  VaultMissingError,
} from "./errors.ts";

describe("each error says what happened and what to do, and has a page", () => {
  it.each([
    [
      new EnvelopeRejectedError(),
      "ERR_ENVELOPE_REJECTED",
      "The envelope was not opened.",
      "Check that the key ring has the key that the envelope names, and that the context is the one it was sealed with; `npx @lobstercontrol/secrets doctor` checks all that is stored.",
      false,
    ],
    [
      new KeyRingInvalidError({ field: "keys[0].id", problem: "is wrong" }),
      "ERR_KEY_RING_INVALID",
      "keys[0].id: is wrong.",
      "Make a master key with `npx @lobstercontrol/secrets keygen`, and keep it where the program gets its other secrets from.",
      false,
    ],
    [
      new VaultMissingError(),
      "ERR_VAULT_MISSING",
      "This control plane has no vault, so it cannot store or reveal provider keys.",
      "Make it with `vault: createVault({ keyRing: keyRingFromEnv(process.env) })`.",
      false,
    ],
    [
      new ProviderKeyConflictError(),
      "ERR_PROVIDER_KEY_CONFLICT",
      "The account's provider keys kept changing while this change was made.",
      "Call again; if it lasts, look for a program that stores keys in a loop.",
      true,
    ],
  ])("%s", (error, code, message, hint, retryable) => {
    expect(error.toJSON()).toEqual({
      code,
      message,
      hint,
      retryable,
      docs: expect.stringMatching(new RegExp(`/errors/${code}$`)) as string,
    });
    expect(error.cause).toBeUndefined();
    expect(LobsterError.isInstance(error)).toBe(true);
    expect((error.constructor as typeof EnvelopeRejectedError).isInstance(error)).toBe(true);
  });
});

import { KeyRingInvalidError } from "./errors.ts";
import {
  createKeyRing,
  type KeyRing,
  type KeyRingKey,
  type KeyRingOptions,
  type KeyStatus,
} from "./key-ring.ts";

/** Environment variables, such as `process.env`. */
export type Env = Readonly<Record<string, string | undefined>>;

const single = "SECRETS_MASTER_KEY_BASE64";
const several = "SECRETS_KEYS";
/** The id of the key in `SECRETS_MASTER_KEY_BASE64`, for when it moves to `SECRETS_KEYS`. */
const singleId = "master";

/**
 * Reads a key ring from the environment: from `SECRETS_MASTER_KEY_BASE64` (one key, whose id is `master`), or from
 * `SECRETS_KEYS`, which is a comma-separated list of `id:status:base64`.
 *
 * ```sh
 * SECRETS_KEYS="2026-11:active:<base64>,master:decryptOnly:<base64>"
 * ```
 *
 * @param env such as `process.env`
 * @param options what does not come from the environment
 * @throws {KeyRingInvalidError} `ERR_KEY_RING_INVALID`, which names the variable and the place in it, and repeats nothing of it
 *
 * @example
 * ```ts
 * import { createVault, keyRingFromEnv } from "@lobstercontrol/secrets";
 *
 * export const vault = createVault({ keyRing: keyRingFromEnv(process.env) });
 * ```
 */
export function keyRingFromEnv(env: Env, options: Pick<KeyRingOptions, "minimumVersion"> = {}): KeyRing {
  const one = env[single]?.trim() ?? "";
  const many = env[several]?.trim() ?? "";
  if (one !== "" && many !== "")
    throw new KeyRingInvalidError({
      field: several,
      problem: `is set together with ${single}; put that key into ${several} as ${singleId}:decryptOnly:… and unset it`,
    });
  if (one === "" && many === "")
    throw new KeyRingInvalidError({ field: single, problem: `is missing, and so is ${several}` });
  const keys = one === "" ? readList(many) : [{ id: singleId, secret: one, status: "active" } as const];
  try {
    return createKeyRing({ ...options, keys });
  } catch (error) {
    throw one === "" ? inTermsOf(several, error) : inTermsOf(single, error);
  }
}

function readList(list: string): KeyRingKey[] {
  return list.split(",").map((entry, index) => {
    const parts = entry.trim().split(":");
    if (parts.length !== 3)
      throw new KeyRingInvalidError({
        field: `${several}, entry ${index + 1}`,
        problem: "must be id:status:base64",
      });
    const [id, status, secret] = parts as [string, string, string];
    // The ring checks what it gets; none of the three is repeated in what it says.
    return { id, status: status as KeyStatus, secret };
  });
}

/** What was said of `keys[0].secret`, said of the place in the variable. */
function inTermsOf(variable: string, error: unknown): unknown {
  if (!KeyRingInvalidError.isInstance(error)) return error;
  const message = error.message
    .replaceAll(/keys\[(\d+)\](?:\.(\w+))?/g, (_, index: string, part: string | undefined) =>
      variable === single
        ? variable
        : `${variable}, entry ${Number(index) + 1}${part === undefined ? "" : `, ${part}`}`,
    )
    .replace(/^keys(?=: )/, variable);
  const [field = "", ...problem] = message.replace(/\.$/, "").split(": ");
  return new KeyRingInvalidError({ field, problem: problem.join(": ") });
}

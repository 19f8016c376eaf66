import { hashToken, InvalidInputError, Secret, type AccountId, type Droplet } from "@lobstercontrol/core";

/** The tags by which droplets are found and known. DigitalOcean does not tell upper case from lower, so all are lower. */
export interface Tags {
  /** Every droplet of this platform carries it. */
  all: string;
  /** Every droplet of an account carries it. It is a hash: DigitalOcean learns nothing of the account. */
  account(account: AccountId): Promise<string>;
  /** The droplet of one attempt carries it: the proof of ownership. */
  attempt(nonce: string): string;
  /** The nonce that a droplet carries; null when it carries none, or several. */
  nonceOf(droplet: Pick<Droplet, "tags">): string | null;
  /** The firewall with such rules stands before every droplet that carries it. */
  firewall(rules: string): string;
  /** Whether a tag is one of ours, which nobody else may give to a droplet. */
  isOurs(tag: string): boolean;
}

/**
 * @param namespace tells platforms apart that share a DigitalOcean account
 * @throws {InvalidInputError} `ERR_INVALID_INPUT`
 */
export function createTags(namespace: string): Tags {
  if (!/^[a-z0-9-]{1,64}$/.test(namespace))
    throw new InvalidInputError({ field: "namespace", problem: "must be 1 to 64 of a-z, 0-9 and -" });
  const attempt = `${namespace}:attempt:`;
  return {
    all: namespace,
    // Half of a SHA-256 is plenty to tell accounts apart, and leaves a tag that people can read out.
    account: async (account) => `${namespace}:account:${(await hashToken(new Secret(account))).slice(0, 32)}`,
    attempt: (nonce) => `${attempt}${nonce}`,
    nonceOf({ tags }) {
      const nonces = tags.map((tag) => tag.toLowerCase()).filter((tag) => tag.startsWith(attempt));
      return nonces.length === 1 ? nonces[0]!.slice(attempt.length) : null;
    },
    firewall: (rules) => `${namespace}:firewall:${rules}`,
    isOurs: (tag) => tag.toLowerCase() === namespace || tag.toLowerCase().startsWith(`${namespace}:`),
  };
}

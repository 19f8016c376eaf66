import { DropletApiError, type DropletApi, type ProvisionRecord } from "@lobstercontrol/core";

/** Which team's DigitalOcean this is; null when the token may not ask. */
export async function teamOf(api: Pick<DropletApi, "getAccount">): Promise<string | null> {
  try {
    return (await api.getAccount()).uuid;
  } catch (error) {
    if (DropletApiError.isInstance(error) && error.reason === "unauthorized") return null;
    throw error;
  }
}

/**
 * Another team's token sees none of the account's droplets, which is no proof that there are none. It is asked for before
 * that is believed.
 *
 * @throws {DropletApiError} `ERR_DROPLET_API`, `unauthorized`, when the token is another team's than the droplets
 */
export async function requireTeam(
  api: Pick<DropletApi, "getAccount">,
  record: ProvisionRecord,
): Promise<void> {
  // A record from before teams were noted has none.
  const made = record.attempts.findLast(({ sentAt }) => sentAt !== null)?.team ?? null;
  if (made === null) return;
  const team = await teamOf(api);
  if (team === null || team === made) return;
  throw new DropletApiError({
    outcome: "refused",
    reason: "unauthorized",
    problem: "the token is of another team than the one that the account's droplet was made in.",
  });
}

import type {
  AccountId,
  BackoffOptions,
  Clock,
  DropletApi,
  DropletSpec,
  Logger,
  ProvisionStore,
  ProvisionTiming,
  Secret,
} from "@lobstercontrol/core";
import type { Tags } from "./tags.ts";

/** What user-data is made of. */
export interface UserDataInput {
  /** Whose droplet it is. */
  account: AccountId;
  /** The only credential that belongs in user-data. */
  bootstrapToken: Secret;
  /** What the droplet is to be. */
  spec: DropletSpec;
  /** The memory of its size in MiB; null when the spec names a size, which nobody has looked up. */
  memoryMib: number | null;
}

/**
 * Renders user-data: what a droplet does on its first boot.
 *
 * @throws a `LobsterError` when it cannot be done, which fails the provisioning
 */
export type RenderUserData = (input: UserDataInput) => string;

/** What the parts of a provisioner share. */
export interface Settings {
  api: DropletApi;
  store: ProvisionStore;
  userData: RenderUserData;
  isEnabled: (account: AccountId) => boolean | Promise<boolean>;
  tags: Tags;
  timing: ProvisionTiming;
  backoff: BackoffOptions;
  clock: Clock;
  random: () => number;
  logger: Logger;
}

import {
  ProvisioningDisabledError,
  type AccountId,
  type Actor,
  type DropletOperator,
  type ProvisionAdmin,
  type Provisioner,
} from "@lobstercontrol/core";
import type { Store } from "./store.ts";

/** @throws {ProvisioningDisabledError} `ERR_PROVISIONING_DISABLED` */
function provisionerOf({ provisioner }: Store): Provisioner {
  if (provisioner === null) throw new ProvisioningDisabledError();
  return provisioner;
}

/** What an admin may do about the account's droplet. */
export function createProvisionAdmin(store: Store, account: AccountId, actor: Actor): ProvisionAdmin {
  return {
    provisionRuntime: async (spec) => await provisionerOf(store).provision(account, spec, actor),
    retryProvision: async () => await provisionerOf(store).retry(account, actor),
    destroyRuntime: async () => await provisionerOf(store).destroy(account, actor),
  };
}

/** What an operator may do about droplets. */
export function createDropletOperator(store: Store): DropletOperator {
  return {
    reconcile: async (account) => await provisionerOf(store).reconcile(account),
    sweep: async () => await provisionerOf(store).sweep(),
    removeStrays: async (droplets) => await provisionerOf(store).removeStrays(droplets),
  };
}

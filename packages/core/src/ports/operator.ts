import type { AccountId } from "../ids.ts";
import type { Provisioner } from "../provision/provisioner.ts";
import type { Page, PageRequest, RuntimeInfo } from "./admin.ts";

/** What whoever runs the platform may do about droplets, across accounts. */
export type DropletOperator = Pick<Provisioner, "reconcile" | "sweep" | "removeStrays">;

/** What whoever runs the platform may see and do, across accounts. */
export interface OperatorPort extends DropletOperator {
  /** Every account's runtime, worst first. */
  fleet(request?: PageRequest): Promise<Page<{ account: AccountId; runtime: RuntimeInfo }>>;
}

import type { AccountId } from "../ids.ts";
import type { Page, PageRequest, RuntimeInfo } from "./admin.ts";

/** What whoever runs the platform may see and do, across accounts. */
export interface OperatorPort {
  /** Every account's runtime, worst first. */
  fleet(request?: PageRequest): Promise<Page<{ account: AccountId; runtime: RuntimeInfo }>>;
  /** One bounded step that brings the account's droplet and its record together; safe at any time. */
  reconcile(account: AccountId): Promise<{ nextInMs: number | null }>;
  /** Droplets that no record knows, and records without a droplet: reported, never acted on. */
  sweep(): Promise<{ strays: string[]; orphans: AccountId[] }>;
}

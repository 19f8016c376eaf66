import type { AccountId, RuntimeInfo, RuntimeStatus } from "@lobstercontrol/core";
import { reviving } from "../convex-error.ts";
import type { LobsterControlComponent, RunsQueries } from "./types.ts";

/** How one account's runtime is. */
export interface FleetEntry {
  /** Whose runtime it is. */
  account: AccountId;
  /** How it is. */
  runtime: RuntimeInfo;
}

/** Who looks at a fleet looks for what is wrong. */
const order: readonly RuntimeStatus[] = [
  "error",
  "offline",
  "degraded",
  "provisioning",
  "destroying",
  "online",
  "destroyed",
];

/** So many accounts a query: each is a handful of documents. */
const atOnce = 100;

/** Every open account's runtime, worst first; as many queries as it takes. */
export async function readFleet(component: LobsterControlComponent, ctx: RunsQueries): Promise<FleetEntry[]> {
  const entries: FleetEntry[] = [];
  let after: string | null = null;
  do {
    const page: { items: { account: string; runtime: RuntimeInfo }[]; next: string | null } = await reviving(
      () => ctx.runQuery(component.operator.fleet, { after, limit: atOnce }),
    );
    entries.push(...(page.items as FleetEntry[]));
    after = page.next;
  } while (after !== null);
  const place = ({ account, runtime }: FleetEntry): string => `${order.indexOf(runtime.status)} ${account}`;
  return entries.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
}

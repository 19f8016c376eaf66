import {
  dropletFinding,
  InvalidInputError,
  runtimeInfo,
  type AccountId,
  type Page,
  type PageRequest,
  type RuntimeInfo,
  type RuntimeStatus,
} from "@lobstercontrol/core";
import { pageLimit } from "./page.ts";
import { allReports } from "./reports.ts";
import type { Store } from "./store.ts";

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

/** Every open account's runtime, worst first. The status is computed when read, so the whole fleet is looked at. */
export function fleet(
  { database, clock, provisions }: Store,
  { after, limit }: PageRequest,
): Page<{ account: AccountId; runtime: RuntimeInfo }> {
  const most = pageLimit(limit);
  const now = clock.now();
  const placed = Array.from(allReports(database), ([account, reports]) => {
    const runtime = runtimeInfo(reports, dropletFinding(provisions.find(account), now), now);
    return { account, runtime, place: `${order.indexOf(runtime.status)} ${account}` };
  }).toSorted((a, b) => (a.place < b.place ? -1 : 1));
  if (after !== undefined && !/^\d ./.test(after))
    throw new InvalidInputError({ field: "after", problem: "must be the cursor of an earlier page" });
  const rest = after === undefined ? placed : placed.filter(({ place }) => place > after);
  const shown = rest.slice(0, most);
  return {
    items: shown.map(({ account, runtime }) => ({ account, runtime })),
    next: rest.length > most ? shown.at(-1)!.place : null,
  };
}

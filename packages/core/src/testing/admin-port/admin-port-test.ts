import { expect } from "vitest";
import type { Notification } from "../../notification/types.ts";
import type { ActivityAdmin, Page, PageRequest, ProviderKeyAdmin, RuntimeAdmin } from "../../ports/admin.ts";
import type { AdminOfDeliveries, RuntimePortTest } from "../runtime-port/runtime-port-test.ts";

/** What these suites need of an admin: all but the calls about the droplet. */
export type AdminUnderTest = AdminOfDeliveries &
  ActivityAdmin &
  ProviderKeyAdmin &
  Omit<RuntimeAdmin, "provisionRuntime" | "retryProvision" | "destroyRuntime">;

/** What a test of the suite works with; made anew for each. */
export type AdminPortTest<Admin extends AdminUnderTest = AdminUnderTest> = RuntimePortTest<Admin>;

/** Every page of a list, as whoever follows `next` sees them. */
export async function allPages<Item>(
  list: (request: PageRequest) => Promise<Page<Item>>,
  limit: number,
): Promise<Item[][]> {
  const pages: Item[][] = [];
  for (let after: string | null | undefined; after !== null;) {
    const page = await list({ limit, ...(after === undefined ? {} : { after }) });
    pages.push(page.items);
    // A cursor that leads nowhere must not make the suite hang.
    expect(pages.length).toBeLessThan(1_000);
    after = page.next;
  }
  return pages;
}

/** What tells notifications apart in a report of a failed test. */
export const inputsOf = (notifications: readonly Notification[]): string[] =>
  notifications.map(({ input }) => input);

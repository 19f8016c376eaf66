import { describe, expect, it } from "vitest";
import { InvalidInputError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { Page, PageRequest } from "../../ports/admin.ts";
import { failure, reply } from "../runtime-port/runtime-port-test.ts";
import { allPages, type AdminPortTest, type AdminUnderTest } from "./admin-port-test.ts";

interface List {
  of: (admin: AdminUnderTest) => (request?: PageRequest) => Promise<Page<unknown>>;
  /** Adds a row; tells it by what is shown of it. */
  add: (t: AdminPortTest, thread: string) => Promise<unknown>;
}

const everyList: Record<string, List> = {
  notifications: {
    of: (admin) => admin.notifications,
    add: (t, thread) => t.notify(thread),
  },
  deadLetters: {
    of: (admin) => admin.deadLetters,
    async add(t, thread) {
      await t.notify(thread);
      await t.port.fail((await t.claimOne()).lease, failure({ retryable: false }));
    },
  },
  messages: {
    of: (admin) => admin.messages,
    async add(t, thread) {
      await t.notify(thread);
      await t.port.complete((await t.claimOne()).lease, reply(thread));
    },
  },
  activities: {
    of: (admin) => admin.activities,
    async add(t) {
      await t.admin.revokeServiceToken((await t.admin.issueServiceToken()).id);
    },
  },
};

/** What all lists have in common. */
export function lists(t: AdminPortTest): void {
  describe.each(Object.entries(everyList))("the list of %s", (_, { of, add }) => {
    const list = (request?: PageRequest) => of(t.admin)(request);
    const rows = async () => (await list({ limit: limits.page })).items;

    it("comes newest first, page by page, each row once", async () => {
      const expected: unknown[] = [];
      for (let index = 0; index < 7; index++) {
        await add(t, `t${index}`);
        const all = await rows();
        // What was there before stands below, in its order.
        expect(all.slice(all.length - expected.length)).toEqual(expected);
        expect(all.length).toBeGreaterThan(expected.length);
        expected.splice(0, Infinity, ...all);
      }
      for (const limit of [1, 3, expected.length]) {
        const pages = await allPages(list, limit);
        expect(pages.flat()).toEqual(expected);
        // No page is empty, the last one neither, and all but the last are full.
        expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
        expect(pages.at(-1)!.length).toBeGreaterThan(0);
      }
    });

    it("goes on from a cursor as if nothing had come since", async () => {
      for (let index = 0; index < 4; index++) await add(t, `t${index}`);
      const before = await rows();
      const first = await list({ limit: 2 });
      await add(t, "new");
      const rest = await list({ after: first.next!, limit: limits.page });
      expect([...first.items, ...rest.items]).toEqual(before);
      expect(rest.next).toBeNull();
    });

    it("has 100 rows to a page unless it is told otherwise", async () => {
      for (let index = 0; index < 101; index++) await add(t, `t${index}`);
      expect((await list()).items).toHaveLength(100);
      expect((await list({})).next).not.toBeNull();
    });

    it.each([{ limit: 0 }, { limit: -1 }, { limit: 1.5 }, { limit: limits.page + 1 }, { after: "1 OR 1" }])(
      "refuses %o",
      async (request) => {
        await expect(list(request)).rejects.toThrow(InvalidInputError);
      },
    );
  });

  it("lists long texts on more and smaller pages, each row once", async () => {
    const input = "x".repeat(limits.inputBytes);
    const all: string[] = [];
    for (let index = 0; index < 20; index++) all.unshift(await t.notify(`t${index}`, { input }));
    const pages = await allPages(t.admin.notifications, limits.page);
    expect(pages.flat().map(({ id }) => id)).toEqual(all);
    expect(pages.length).toBeGreaterThan(1);
    // One row more than fits, at the most.
    const most = Math.ceil(limits.pageCharacters / limits.inputBytes) + 1;
    for (const page of pages) expect(page.length).toBeLessThanOrEqual(most);
  });
}

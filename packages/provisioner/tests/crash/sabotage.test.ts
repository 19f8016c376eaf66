import { DropletApiError, type DropletApi } from "@lobstercontrol/core";
import { describe, expect, it } from "vitest";
import { injectionsFor, tellStory, type StoryOptions } from "./story.ts";

type Sabotage = NonNullable<StoryOptions["sabotage"]>;

/** What careful people have got wrong before. The crash tests must notice each. */
const bugs: Record<string, Sabotage> = {
  "a create whose outcome is unknown is sent again": withApi((api) => ({
    async createDroplet(request) {
      try {
        return await api.createDroplet(request);
      } catch (error) {
        if (!DropletApiError.isInstance(error) || error.outcome !== "unknown") throw error;
        return await api.createDroplet(request);
      }
    },
  })),
  "a list that does not show a droplet is believed at once": (options) => ({
    ...options,
    timing: { settleMs: 0, pollMs: 1_000 },
  }),
  "a delete that answered 5xx is taken for done": withApi((api) => ({
    deleteDroplet: (id) => api.deleteDroplet(id).catch(() => {}),
    getDroplet: async () => null,
  })),
  "the record is written whether somebody else was faster or not": (options) => ({
    ...options,
    store: {
      ...options.store,
      async write(change) {
        const stored = await options.store.read(change.record.account);
        return await options.store.write({
          ...change,
          record: { ...change.record, revision: (stored?.revision ?? 0) + 1 },
        });
      },
    },
  }),
};

describe("promise 10: the crash tests notice", () => {
  it.each(Object.keys(bugs))("%s", { timeout: 30_000 }, async (name) => {
    const sabotage = bugs[name]!;
    let noticed: string | null = null;
    for (const { callers, lagMs } of [
      { callers: 1, lagMs: 8_000 },
      { callers: 3, lagMs: 8_000 },
    ]) {
      const calls = await tellStory({ callers, lagMs });
      for (const { title, injection } of [null, ...injectionsFor(calls)].map(
        (each) => each ?? { title: "nothing goes wrong", injection: null },
      )) {
        if (noticed !== null) break;
        await tellStory({
          injections: injection === null ? [] : [injection],
          callers,
          lagMs,
          sabotage,
        }).catch((error: unknown) => (noticed = `${title}: ${String(error).slice(0, 200)}`));
      }
    }
    console.log(`${name}: ${noticed}`);
    expect(noticed).not.toBe(null);
  });
});

function withApi(change: (api: DropletApi) => Partial<DropletApi>): Sabotage {
  return (options) => ({ ...options, api: { ...options.api, ...change(options.api) } });
}

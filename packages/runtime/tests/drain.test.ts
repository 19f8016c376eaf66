import { describe, expect, it } from "vitest";
import { openHarness } from "./harness.ts";

describe("promise 13: SIGTERM drains", () => {
  it("a real process finishes its runs, claims nothing more, and exits 0", async () => {
    let started = 0;
    let release = (): void => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    const harness = await openHarness(async ({ input }) => {
      started++;
      await released;
      return { text: `re: ${input}` };
    });
    for (let index = 0; index < 20; index++) await harness.notify(`t${index}`, `n${index}`);
    const runtime = await harness.startProcess();
    await expect.poll(() => started).toBe(10);
    const exit = runtime.end("SIGTERM");
    release();
    expect(await exit).toBe(0);
    expect(await harness.messages()).toHaveLength(10);
    const states = (await harness.admin.notifications()).items.map(({ state }) => state);
    expect(states.filter((state) => state === "pending")).toHaveLength(10);
    expect(started).toBe(10);
  });

  it("a real process with runs that never end hands them back and exits 0 within its grace period", async () => {
    let started = 0;
    const harness = await openHarness(() => {
      started++;
      return { hang: true };
    });
    await harness.notify("t1", "n1");
    const runtime = await harness.startProcess();
    await expect.poll(() => started).toBe(1);
    expect(await runtime.end("SIGTERM")).toBe(0);
    const [notification] = (await harness.admin.notifications()).items;
    expect(notification).toMatchObject({ state: "pending", lease: null, attempt: { outcome: "maybeRan" } });
  }, 15_000);
});

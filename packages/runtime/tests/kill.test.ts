import { setTimeout as wait } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { openHarness } from "./harness.ts";

const kills = 50;
const total = 600;
const threads = 30;

it("promises 1 to 4: a runtime killed fifty times at random loses nothing, posts nothing twice, keeps the order", async () => {
  const runs = new Map<string, number>();
  let started = 0;
  const harness = await openHarness(async ({ input }) => {
    started++;
    runs.set(input, (runs.get(input) ?? 0) + 1);
    return { delayMs: Math.random() * 15, text: `re: ${input}` };
  });
  const inputs = Array.from({ length: total }, (_, index) => `n${index}`);
  await Promise.all(inputs.map((input, index) => harness.notify(`t${index % threads}`, input)));

  for (let kill = 0; kill < kills; kill++) {
    const runtime = await harness.startProcess();
    // A random point of its work, wherever that is on this machine: after so many runs, and a little later.
    const enough = started + Math.floor(Math.random() * 20);
    await vi.waitUntil(() => started >= enough, { interval: 1, timeout: 60_000 });
    await wait(Math.random() * 15);
    await runtime.end("SIGKILL");
  }
  const unfinished = (await harness.messages()).length;
  const last = await harness.startProcess();
  // Each that is not there says why.
  const open = async () =>
    (await harness.admin.notifications({ limit: total })).items
      .filter(({ state }) => state !== "delivered")
      .map(({ state, attempts, lastError, lease }) => ({ state, attempts, lastError, lease }));
  await expect.poll(open, { timeout: 60_000 }).toEqual([]);
  expect(await harness.messages()).toHaveLength(total);
  expect(await last.end("SIGTERM")).toBe(0);

  const messages = await harness.messages();
  const deliveredOnce = messages.map(({ text }) => text).toSorted();
  expect(deliveredOnce).toEqual(inputs.map((input) => `re: ${input}`).toSorted());
  for (let thread = 0; thread < threads; thread++) {
    const order = messages
      .filter((message) => message.thread === `t${thread}`)
      .map(({ text }) => Number(text.slice(5)));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  }
  expect((await harness.admin.deadLetters()).items).toEqual([]);

  // The kills hit runs: some ran twice, and each of those says so (promise 5, as far as it goes without the history).
  const ranTwice = inputs.filter((input) => runs.get(input)! > 1);
  expect(ranTwice.length).toBeGreaterThan(0);
  const repeated = new Set(messages.filter((message) => message.repeated).map(({ text }) => text.slice(4)));
  for (const input of ranTwice) expect(repeated).toContain(input);
  console.log(
    `${kills} kills, ${unfinished} of ${total} delivered by then, ${ranTwice.length} runs repeated`,
  );
}, 240_000);

/**
 * A platform: it notifies each thread in order, a few rounds ahead of the replies, and stores the messages from the cursor
 * feed. Killed and started again it goes on where its journal ends: it notifies again what it was not answered, and reads
 * again from its last cursor.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { LobsterError } from "@lobstercontrol/core";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import { account, agent, begin, inFolder, inputOf, rules, threadOf } from "../settings.ts";

const { folder, threads, each, words } = begin();
const { database, platform: journal } = inFolder(folder);
const roundsAhead = 4;
const { platform } = createSqliteControlPlane({ path: database, ...rules });

const notified = new Set<string>();
const answered = new Set<string>();
let cursor = "0";
for (const entry of journal.read()) {
  if ("notified" in entry) notified.add(entry.notified);
  if ("message" in entry) answered.add(entry.message.id);
  if ("cursor" in entry) cursor = entry.cursor;
}

/** As a platform would: what may help is tried again. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!LobsterError.isInstance(error) || !error.retryable) throw error;
      await sleep(20);
    }
  }
}

async function notify(thread: string, index: number): Promise<void> {
  const input = inputOf(thread, index, words);
  if (notified.has(input)) return;
  await patiently(() => platform.notify({ account, agent, thread, input, idempotencyKey: input }));
  notified.add(input);
  journal.write({ notified: input });
}

async function notifyAll(): Promise<void> {
  for (let round = 0; round < each; round++) {
    while (answered.size < (round - roundsAhead) * threads) await sleep(10);
    await Promise.all(Array.from({ length: threads }, (_, index) => notify(threadOf(index), round)));
  }
}

async function readAll(): Promise<void> {
  for (;;) {
    const page = await patiently(() => platform.messages({ after: cursor }));
    for (const message of page.messages) {
      answered.add(message.id);
      journal.write({ message });
    }
    if (page.cursor === cursor) await sleep(20);
    else journal.write({ cursor: (cursor = page.cursor) });
  }
}

await Promise.all([notifyAll(), readAll()]);

import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import type { Peer } from "./peer.ts";

/** BullMQ. Order within a key is a feature of its paid edition, so that there is none here. */
export async function createBullMq(url: string): Promise<Peer> {
  const connect = (): Redis => new Redis(url, { maxRetriesPerRequest: null });
  const connections = [connect(), connect()] as const;
  await connections[0].flushall();
  const queue = new Queue("deliver", { connection: connections[0] });
  let worker: Worker | null = null;
  return {
    async add(index, key) {
      await queue.add("deliver", { index, key }, { removeOnComplete: true, removeOnFail: true });
    },
    async start(concurrency, deliver) {
      worker = new Worker<{ index: number; key: string }>(
        "deliver",
        async ({ data }) => {
          await deliver(data.index, data.key);
        },
        { connection: connections[1], concurrency },
      );
      await worker.waitUntilReady();
    },
    async stop() {
      await worker?.close();
      await queue.close();
      for (const connection of connections) connection.disconnect();
    },
  };
}

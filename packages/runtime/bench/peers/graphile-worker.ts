import { Logger, makeWorkerUtils, run, runMigrations, type Runner } from "graphile-worker";
import { Pool } from "pg";
import type { Peer } from "./peer.ts";

const silent = new Logger(() => () => {});

/**
 * graphile-worker at its best settings: jobs are fetched many at a time into the process, and completed in batches.
 *
 * @param isOrdered a queue name for each key: one after another within it. The local queue then has to be off.
 */
export async function createGraphileWorker(url: string, isOrdered: boolean): Promise<Peer> {
  const pgPool = new Pool({ connectionString: url, max: 60 });
  // When the server is stopped in the end, idle connections are cut; without a listener that would end this process.
  pgPool.on("error", () => {});
  pgPool.on("connect", (client) => void client.on("error", () => {}));
  await pgPool.query("DROP SCHEMA IF EXISTS graphile_worker CASCADE");
  await runMigrations({ pgPool, logger: silent });
  const utils = await makeWorkerUtils({ pgPool, logger: silent });
  let runner: Runner | null = null;
  return {
    async add(index, key) {
      await utils.addJob("deliver", { index, key }, isOrdered ? { queueName: key } : {});
    },
    async start(concurrency, deliver) {
      runner = await run({
        pgPool,
        logger: silent,
        noHandleSignals: true,
        preset: {
          worker: {
            concurrentJobs: concurrency,
            pollInterval: 100,
            completeJobBatchDelay: 0,
            failJobBatchDelay: 0,
            ...(isOrdered ? {} : { localQueue: { size: 500 } }),
          },
        },
        taskList: {
          deliver: async (payload) => {
            const { index, key } = payload as { index: number; key: string };
            await deliver(index, key);
          },
        },
      });
    },
    async stop() {
      await runner?.stop();
      await utils.release();
      await pgPool.end();
    },
  };
}

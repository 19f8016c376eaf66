/**
 * `pnpm bench loop`: what the loop costs, beside the same client without one and beside other queues, which need PostgreSQL
 * and Redis on the machine. `--quick`: fewer notifications, one round.
 */
import { execFileSync } from "node:child_process";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import type { CaseParameters } from "./cases.ts";
import { startPostgres, startRedis, type BenchServer } from "./servers.ts";

const sessionKeys = 200;
const quick = process.argv.includes("--quick");
const rounds = quick ? 1 : 3;
const total = quick ? 1_000 : 10_000;
const pickUps = quick ? 100 : 500;
const leaseMs = quick ? 2_000 : 30_000;

type Figures = Record<string, number>;
interface Row {
  label: string;
  name: string;
  parameters: CaseParameters;
  results: Figures[];
}

const row = (label: string, name: string, parameters: CaseParameters): Row => ({
  label,
  name,
  parameters,
  results: [],
});
/** A machine may have a server that cannot be started here, such as in a folder that its user may not enter. */
const orSkipped = async (
  name: string,
  start: () => Promise<BenchServer | null>,
): Promise<BenchServer | null> => {
  try {
    return await start();
  } catch (error) {
    process.stderr.write(`skipped: ${name} does not start here: ${String(error).split("\n")[0]}\n`);
    return null;
  }
};
const postgres = await orSkipped("PostgreSQL", startPostgres);
const redis = await orSkipped("Redis", startRedis);
const peers = [
  ...(postgres === null
    ? []
    : (["graphile-worker", "graphile-worker, ordered"] as const).map((name) => ({
        name,
        url: postgres.url,
      }))),
  ...(redis === null ? [] : [{ name: "BullMQ" as const, url: redis.url }]),
];
const deliveries: Row[] = ([10, 50] as const).flatMap((concurrency) => {
  const parameters = { gateway: "wire", concurrency, total } as const;
  return [
    row("no queue", "noQueue", parameters),
    row("runtime + SQLite", "throughput", parameters),
    row("runtime + SQLite over HTTP", "throughput", { ...parameters, controlPlane: "http" }),
    ...peers.map((peer) => row(peer.name, "peerThroughput", { ...parameters, peer })),
    row("runtime + SQLite, gateway in process", "throughput", { ...parameters, gateway: "in process" }),
  ];
});
const pickUp = { gateway: "wire", concurrency: 10, total: pickUps } as const;
const latencies: Row[] = [
  row("runtime + SQLite", "pickUp", pickUp),
  row("runtime + SQLite over HTTP", "pickUp", { ...pickUp, controlPlane: "http" }),
  ...peers.map((peer) => row(peer.name, "pickUp", { ...pickUp, peer })),
  row("runtime + SQLite, gateway in process", "pickUp", { ...pickUp, gateway: "in process" }),
];

const redeliveries: Row[] = (["the same worker", "another worker"] as const).map((by) =>
  row(by, "redelivery", { gateway: "wire", concurrency: 1, total: 1, redelivery: { by, leaseMs } }),
);

// Round by round and not row by row: a machine that gets busy in between slows all rows alike.
for (let round = 1; round <= rounds; round++) {
  for (const { label, name, parameters, results } of [...deliveries, ...latencies, ...redeliveries]) {
    process.stderr.write(
      `round ${round} of ${rounds}: ${name} ${label}, ${parameters.concurrency} at once\n`,
    );
    const args = [
      ...process.execArgv,
      join(import.meta.dirname, "cases.ts"),
      name,
      JSON.stringify(parameters),
    ];
    results.push(
      JSON.parse(
        execFileSync(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] }).toString(),
      ) as Figures,
    );
  }
}

await postgres?.stop();
await redis?.stop();

const median = ({ results }: Row, figure: string): number =>
  results.map((result) => result[figure]!).toSorted((a, b) => a - b)[Math.floor(results.length / 2)]!;
const whole = (value: number): string => Math.round(value).toLocaleString("en");

console.log(
  `\nNode ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${whole(totalmem() / 2 ** 30)} GiB, ${process.platform}.`,
);
console.log(
  `SQLite: WAL, each answer but a claim's after fdatasync. ${postgres?.version ?? "skipped: no PostgreSQL"}: fsync, synchronous_commit. ${redis?.version ?? "skipped: no Redis"}: appendfsync always.`,
);
console.log(`Median of ${rounds} rounds of ${whole(total)} notifications on ${sessionKeys} session keys.\n`);
console.log("| deliveries | concurrency | a second | of no queue | CPU seconds per 1,000 | RSS MB |");
console.log("| --- | ---: | ---: | ---: | ---: | ---: |");
for (const each of deliveries) {
  const { concurrency } = each.parameters;
  const bare = deliveries.find(
    (other) => other.name === "noQueue" && other.parameters.concurrency === concurrency,
  )!;
  const ratio =
    each.parameters.gateway === "wire"
      ? (median(each, "perSecond") / median(bare, "perSecond")).toFixed(2)
      : "";
  console.log(
    `| ${each.label} | ${concurrency} | ${whole(median(each, "perSecond"))} | ${ratio} | ${median(each, "cpuSecondsPer1000").toFixed(2)} | ${whole(median(each, "rssMb"))} |`,
  );
}
console.log(
  `\n| pick-up, ms from notify to the request, 50 a second, ${whole(pickUps)} of them | p50 | p95 | p99 |`,
);
console.log("| --- | ---: | ---: | ---: |");
for (const each of latencies)
  console.log(
    `| ${each.label} | ${["p50", "p95", "p99"].map((figure) => median(each, figure).toFixed(1)).join(" | ")} |`,
  );
console.log(
  `\n| delivered again after kill -9 in a run, lease of ${leaseMs / 1_000} s, by | ms from its start to the request |`,
);
console.log("| --- | ---: |");
for (const each of redeliveries) console.log(`| ${each.label} | ${whole(median(each, "ms"))} |`);

/** `pnpm bench loop`: what the loop costs, beside the same client without one. `--quick`: fewer notifications, one round. */
import { execFileSync } from "node:child_process";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import type { CaseParameters } from "./cases.ts";

const quick = process.argv.includes("--quick");
const rounds = quick ? 1 : 3;
const total = quick ? 1_000 : 10_000;
const pickUps = quick ? 100 : 500;

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
const deliveries: Row[] = ([10, 50] as const).flatMap((concurrency) => [
  row("runtime + SQLite, gateway in process", "throughput", { gateway: "in process", concurrency, total }),
  row("runtime + SQLite, through the wire", "throughput", { gateway: "wire", concurrency, total }),
  row("no queue, through the wire", "noQueue", { gateway: "wire", concurrency, total }),
]);
const latencies: Row[] = [
  row("gateway in process", "pickUp", { gateway: "in process", concurrency: 10, total: pickUps }),
  row("through the wire", "pickUp", { gateway: "wire", concurrency: 10, total: pickUps }),
];

// Round by round and not row by row: a machine that gets busy in between slows all rows alike.
for (let round = 1; round <= rounds; round++) {
  for (const { label, name, parameters, results } of [...deliveries, ...latencies]) {
    process.stderr.write(`round ${round} of ${rounds}: ${label}, concurrency ${parameters.concurrency}\n`);
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

const median = ({ results }: Row, figure: string): number =>
  results.map((result) => result[figure]!).toSorted((a, b) => a - b)[Math.floor(results.length / 2)]!;
const whole = (value: number): string => Math.round(value).toLocaleString("en");

console.log(
  `\nNode ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${whole(totalmem() / 2 ** 30)} GiB, ${process.platform}.`,
);
console.log(
  `SQLite: WAL, synchronous=FULL. Median of ${rounds} rounds of ${whole(total)} notifications on 200 session keys.\n`,
);
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

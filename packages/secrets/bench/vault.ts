/** `pnpm bench vault`: what a seal and an open cost, beside bare WebCrypto and others. `--quick`: a few short rounds. */
import { execFileSync } from "node:child_process";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import type { Figure } from "./measure.ts";
import { unique } from "./unique.ts";

const quick = process.argv.includes("--quick");
const whole = (value: number): string => Math.round(value).toLocaleString("en");
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

function figuresOf(nodeOptions: string[], options: string[]): Figure[] {
  const args = [...process.execArgv, ...nodeOptions, join(import.meta.dirname, "measure.ts"), ...options];
  const out = execFileSync(process.execPath, [...args, ...(quick ? ["--quick"] : [])], {
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(out.toString()) as Figure[];
}

/** The median of the rounds' ratios to the yardstick, which was measured just before or after. */
function ratio(figure: Figure, yardstick: Figure): number {
  return median(figure.perSecond.map((perSecond, round) => perSecond / yardstick.perSecond[round]!));
}

function print(title: string, figures: Figure[]): void {
  const names = [...new Set(figures.map(({ candidate }) => candidate))];
  console.log(`\n${title}\n`);
  console.log(`| call | bytes | in flight | ${names.join(" | ")} |`);
  console.log(`| --- | ---: | ---: | ${names.map(() => "---:").join(" | ")} |`);
  for (const yardstick of figures.filter(({ candidate }) => candidate === names[0])) {
    const { call, bytes, inFlight } = yardstick;
    const cells = names.map((name) => {
      const figure = figures.find(
        (each) =>
          each.candidate === name && each.call === call && each.bytes === bytes && each.inFlight === inFlight,
      )!;
      const share = name === names[0] ? "" : `${ratio(figure, yardstick).toFixed(2)} · `;
      return `${share}${whole(median(figure.perSecond))}`;
    });
    console.log(`| ${call} | ${whole(bytes)} | ${inFlight} | ${cells.join(" | ")} |`);
  }
  const overheads = names.map((name) =>
    [32, 65_536]
      .map((bytes) =>
        whole(figures.find((figure) => figure.candidate === name && figure.bytes === bytes)!.overhead),
      )
      .join(" / "),
  );
  console.log(`| overhead in bytes, at 32 / at 65,536 | | | ${overheads.join(" | ")} |`);
}

console.log(
  `\nNode ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${whole(totalmem() / 2 ** 30)} GiB, ${process.platform}.`,
);
console.log("Each cell: the median of the rounds' ratios to raw WebCrypto · calls a second, median.");

if ("setFromBase64" in Uint8Array.prototype) {
  print("Base64 of the platform:", figuresOf([], []));
} else {
  print(`Base64 of Buffer, since ${process.version} has none for bytes:`, figuresOf([], []));
  const noBuffer = "--import=data:text/javascript,delete%20globalThis.Buffer";
  print("Base64 in JavaScript, as where there is no Buffer either:", figuresOf([noBuffer], ["--ours"]));
}

const count = quick ? 10_000 : 1_000_000;
const { nonces, ciphertexts } = await unique(count);
console.log(
  `\n${whole(count)} seals of one text: ${whole(nonces)} nonces, ${whole(ciphertexts)} ciphertexts.\n`,
);
process.exitCode = nonces === count && ciphertexts === count ? 0 : 1;

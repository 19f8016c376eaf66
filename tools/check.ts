/**
 * `pnpm check [NAME…]`: everything that needs no test runner, one line each. What a failing step printed follows its line;
 * the others still run, so that one look shows all there is to mend.
 */
import { spawn } from "node:child_process";
import { delimiter, resolve } from "node:path";
import { closingLine, type Counts } from "./counts.ts";

interface Step {
  name: string;
  command: string;
  /** The step whose result this one looks at; without it there is nothing to look at. */
  needs?: string;
}

const steps: Step[] = [
  { name: "lockfile", command: "node tools/check-lockfile.ts" },
  { name: "format", command: "oxfmt --check" },
  { name: "lint", command: "oxlint --deny-warnings" },
  { name: "lint-convex", command: "pnpm --filter @lobstercontrol/convex run lint:convex" },
  { name: "codegen", command: "node packages/convex/tests/push/codegen.ts --check" },
  { name: "types", command: "tsc -p tsconfig.json" },
  { name: "sherif", command: "sherif" },
  { name: "knip", command: "knip" },
  { name: "snippets", command: "node tools/check-snippets.ts" },
  { name: "error-pages", command: "node tools/check-error-pages.ts" },
  { name: "build", command: "pnpm run build" },
  { name: "packages", command: 'pnpm -r --filter "./packages/*" run check:package', needs: "build" },
  { name: "packed", command: "node tools/check-packed.ts", needs: "build" },
  { name: "packed-convex", command: "pnpm --filter @lobstercontrol/convex run check:packed", needs: "build" },
  { name: "size", command: "size-limit", needs: "build" },
  { name: "web-standard", command: "node tools/check-web-standard.ts", needs: "build" },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(
    `There is no check ${unknown.join(", ")}. There are: ${steps.map(({ name }) => name).join(", ")}.`,
  );
  process.exit(1);
}

const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
const failed = new Set<string>();
for (const step of steps) {
  if (wanted.length > 0 && !wanted.includes(step.name)) continue;
  if (step.needs !== undefined && failed.has(step.needs)) {
    counts.skipped += 1;
    console.log(`${step.name.padEnd(14)} skipped: ${step.needs} failed`);
    continue;
  }
  const { ok, seconds, output } = await run(step.command);
  counts[ok ? "passed" : "failed"] += 1;
  if (!ok) failed.add(step.name);
  console.log(`${step.name.padEnd(14)} ${seconds.padStart(5)} s  ${ok ? "ok" : "FAILED"}`);
  if (!ok) console.log(`\n$ ${step.command}\n${output}`);
}
console.log(closingLine(counts));
process.exitCode = counts.failed > 0 ? 1 : 0;

async function run(command: string): Promise<{ ok: boolean; seconds: string; output: string }> {
  const start = performance.now();
  // Through a shell, because on Windows the tools are scripts that only a shell starts.
  const child = spawn(command, {
    shell: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PATH: [resolve("node_modules/.bin"), process.env["PATH"]].join(delimiter) },
  });
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
  const ok = await new Promise<boolean>((settle, reject) => {
    child.on("error", reject);
    child.on("close", (code) => settle(code === 0));
  });
  const seconds = ((performance.now() - start) / 1_000).toFixed(1);
  return { ok, seconds, output: Buffer.concat(output).toString("utf8") };
}

/**
 * What the web-standard packages publish must load where there is no Node. Each built entry is bundled with everything it
 * depends on, for no platform in particular, so that an import of Node's modules fails the bundling; the bundle is then
 * loaded in a VM that has the globals of an edge runtime and no others. That it also works there, and in other runtimes,
 * `pnpm test:runtimes` tells, of the sources.
 */
import { readFileSync } from "node:fs";
import { EdgeVM } from "@edge-runtime/vm";
import { build, type BuildFailure } from "esbuild";
import { webStandardPackages, type WebStandardPackage } from "../tests/runtimes/packages.ts";

let entries = 0;
let problems = 0;
for (const onePackage of webStandardPackages) {
  for (const entry of entriesOf(onePackage)) {
    entries += 1;
    for (const problem of await check(entry)) {
      problems += 1;
      console.error(`${entry}: ${problem}`);
    }
  }
}
console.log(`${entries} entries, ${problems} problems`);
process.exitCode = problems > 0 ? 1 : 0;

/** The built files that users import. Helpers for tests are not among them: those need a test runner, which needs Node. */
function entriesOf({ name, forNode = [] }: WebStandardPackage): string[] {
  const { publishConfig } = JSON.parse(readFileSync(`packages/${name}/package.json`, "utf8")) as {
    publishConfig: { exports: Record<string, string | { default: string }> };
  };
  const left = new Set(["./testing", ...forNode.map((path) => path.replace(/^src/, "."))]);
  return Object.entries(publishConfig.exports).flatMap(([path, target]) =>
    left.has(path) || typeof target === "string" ? [] : [`packages/${name}/${target.default.slice(2)}`],
  );
}

async function check(entry: string): Promise<string[]> {
  try {
    const bundle = await build({
      entryPoints: [entry],
      bundle: true,
      write: false,
      format: "iife",
      globalName: "entry",
      platform: "neutral",
      // Kiota has no exports.
      mainFields: ["module", "main"],
      target: "es2022",
      logLevel: "silent",
    });
    const exported = new EdgeVM().evaluate<number>(
      `${bundle.outputFiles.map(({ text }) => text).join("")}; Object.keys(entry).length`,
    );
    return exported > 0 ? [] : ["exports nothing"];
  } catch (error) {
    if (isBuildFailure(error)) return error.errors.map(({ text }) => text);
    // An error of the VM is none of this realm's, so `instanceof` does not know it.
    return [String((error as Error).stack ?? error)];
  }
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return typeof error === "object" && error !== null && "errors" in error;
}

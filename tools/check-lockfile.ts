/**
 * The lockfiles must install on Linux, macOS and Windows, and name no registry host.
 *
 * A registry that lags behind for another platform makes a package manager leave that platform's binaries out of the
 * lockfile without a word; a frozen install there then has no linter, no bundler, no test runner.
 */
import { globSync, readFileSync } from "node:fs";

const platforms = /(darwin-(arm64|x64)|(win32|windows)-x64(-msvc)?|linux-(arm64|x64)(-gnu)?)$/;
const problems = new Set<string>();

const lockfile = readFileSync("pnpm-lock.yaml", "utf8");
for (const file of globSync("node_modules/.pnpm/*/node_modules/{*,@*/*}/package.json")) {
  const manifest = JSON.parse(readFileSync(file, "utf8")) as {
    name: string;
    version: string;
    optionalDependencies?: Record<string, string>;
  };
  // Only what the lockfile holds: a stale folder of an earlier install says nothing about it.
  if (!lockfile.includes(`${manifest.name}@${manifest.version}`)) continue;
  for (const [name, range] of Object.entries(manifest.optionalDependencies ?? {})) {
    if (platforms.test(name) && !lockfile.includes(`${name}@${range.replace(/^[\^~]/, "")}`))
      problems.add(`pnpm-lock.yaml: ${manifest.name}@${manifest.version} lacks ${name}@${range}`);
  }
}

const lockfiles = [
  "pnpm-lock.yaml",
  ...globSync("{examples,tests}/*/**/package-lock.json", { exclude: ["**/node_modules/**"] }),
];
for (const file of lockfiles) {
  // Deprecation notices and funding links may hold addresses; where a package comes from may not.
  if (/["']?(tarball|registry|resolved)["']?: *["']?https?:/.test(readFileSync(file, "utf8")))
    problems.add(`${file}: names a registry host (install with omit-lockfile-registry-resolved=true)`);
}

for (const problem of problems) console.error(problem);
console.log(`${lockfiles.length} lockfiles, ${problems.size} problems`);
process.exitCode = problems.size > 0 ? 1 : 0;

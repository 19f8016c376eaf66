/**
 * `pnpm --filter @lobstercontrol/convex run check:packed`, after a build: what would be published is installed into an app of
 * Convex that has nothing else, the functions of the example are put into it, and codegen, types and the loading of its bundles
 * have to work. It asks the registry for `convex`.
 */
import { execFileSync } from "node:child_process";
import { cpSync, globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { checkIsolate } from "./check-isolate.ts";
import { runCodegen } from "./run-codegen.ts";

const root = resolve(import.meta.dirname, "../../../..");
const folder = mkdtempSync(join(tmpdir(), "lobster-packed-"));
const run = (command: string, args: string[], cwd: string): void => {
  execFileSync(command, args, { cwd, stdio: ["ignore", "ignore", "inherit"] });
};

try {
  for (const name of ["core", "secrets", "provisioner", "convex"])
    run("pnpm", ["pack", "--pack-destination", folder], join(root, "packages", name));
  const tarballs = globSync("*.tgz", { cwd: folder });
  const named = (name: string): string =>
    `file:./${tarballs.find((file) => file.startsWith(`lobstercontrol-${name}-`)) ?? ""}`;
  const dependencies = {
    "@lobstercontrol/convex": named("convex"),
    "@lobstercontrol/core": named("core"),
    "@lobstercontrol/provisioner": named("provisioner"),
    "@lobstercontrol/secrets": named("secrets"),
    convex: "1.48.0",
    typescript: "6.0.3",
  };
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "app", private: true, type: "module", dependencies }),
  );
  writeFileSync(join(folder, "convex.json"), "{}");
  cpSync(join(root, "examples/convex-app/convex"), join(folder, "convex"), {
    recursive: true,
    filter: (path) => !path.includes("_generated"),
  });
  run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"], folder);
  // The CLI bundles with esbuild, whose binary comes by itself.
  const push = await runCodegen({ folder, fromSource: false });
  console.log(`${await checkIsolate(push)} modules load with what Convex has`);
  // As `npx convex dev` does, and stricter: the types of packages are looked at, too.
  const check = ["node_modules/typescript/bin/tsc", "-p", "convex", "--skipLibCheck", "false"];
  execFileSync(process.execPath, check, { cwd: folder, stdio: "inherit" });
  console.log("the types are right");
} finally {
  rmSync(folder, { recursive: true, force: true });
}

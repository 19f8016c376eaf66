/**
 * `pnpm codegen`: makes `_generated` of the component and of each app anew, without a deployment, and loads what would be pushed
 * with the globals of Convex's default runtime alone. `pnpm codegen --check` also fails when git then sees a difference: what
 * is committed was not what the code says.
 */
import { execFileSync } from "node:child_process";
import { join, relative, resolve } from "node:path";
import { checkIsolate } from "./check-isolate.ts";
import { runCodegen } from "./run-codegen.ts";

const root = resolve(import.meta.dirname, "../../../..");
const component = join(root, "packages/convex");
const apps = ["packages/convex", "examples/convex-app"].map((path) => join(root, path));

await runCodegen({ folder: component, component: "./src/component", fromSource: true });
for (const folder of apps) {
  const push = await runCodegen({ folder, fromSource: true });
  console.log(`${relative(root, folder)}: ${await checkIsolate(push)} modules load with what Convex has`);
}

if (process.argv.includes("--check")) {
  const generated = "**/_generated/**";
  const changed = execFileSync("git", ["status", "--porcelain", "--", generated], { cwd: root }).toString();
  if (changed !== "") {
    console.error(`These are not what the code says; run pnpm codegen and commit them:\n${changed}`);
    process.exitCode = 1;
  }
}

/**
 * `pnpm check packed`, after a build: what would be published is installed into an empty app, everything that can be imported
 * is, and a notification is delivered there. It asks the registry for what the packages depend on.
 */
import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

interface Manifest {
  name: string;
  exports: Record<string, unknown>;
}

/** Convex has functions and a bundler of its own, and a check that knows both. */
const names = ["core", "openclaw-client", "provisioner", "runtime", "secrets", "sqlite"];
/** Suites for whoever has vitest. */
const suites = new Set(["@lobstercontrol/core/testing", "@lobstercontrol/secrets/testing"]);

const folder = mkdtempSync(join(tmpdir(), "lobster-packed-"));
const run = (command: string, args: string[], cwd = folder): string =>
  execFileSync(command, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 120_000,
  });

/** As an app would have it; it is run, and its types are checked. */
const app = `
import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { createMockGateway } from "@lobstercontrol/openclaw-client/testing";
import { createRuntime } from "@lobstercontrol/runtime";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";

const controlPlane = createSqliteControlPlane({ path: "lobster.db" });
const { platform, admin } = controlPlane;
await platform.upsertAccount({ account: "acme" });
await platform.upsertAgent({ account: "acme", agent: "writer" });
const { token } = await admin({ id: "setup" }, "acme").issueServiceToken();
const gateway = createMockGateway({ agents: ["writer"], reply: () => ({ text: "A title" }) });
const runtime = createRuntime({
  port: controlPlane.runtime(token),
  onEvent: (event) => event.type === "failed" && console.log(event.failure.reason),
  client: createOpenClawClient({ baseUrl: "http://gateway.test", token: gateway.token, fetch: gateway.fetch }),
});
runtime.start();
const cause = { account: "acme", agent: "writer", thread: "t1", idempotencyKey: "c1" };
await platform.notify({ ...cause, input: "Bea asks for a title." });
let read = await platform.messages();
while (read.messages.length === 0) {
  await new Promise((resolve) => setTimeout(resolve, 5));
  read = await platform.messages();
}
await runtime.stop();
controlPlane.close();
console.log(read.messages[0]?.text);
`;

try {
  const manifests = names.map(
    (name) => JSON.parse(readFileSync(`packages/${name}/package.json`, "utf8")) as Manifest,
  );
  for (const name of names) run("pnpm", ["pack", "--pack-destination", folder], resolve("packages", name));
  const tarballs = globSync("*.tgz", { cwd: folder });
  const dependencies = Object.fromEntries(
    names.map((name) => [
      `@lobstercontrol/${name}`,
      `file:./${tarballs.find((file) => file.startsWith(`lobstercontrol-${name}-`)) ?? ""}`,
    ]),
  );
  const manifest = { name: "app", private: true, type: "module", dependencies };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"]);

  const entries = manifests
    .flatMap(({ name, exports }) =>
      Object.keys(exports).map((entry) => join(name, entry).replaceAll("\\", "/")),
    )
    .filter((entry) => !entry.endsWith(".json") && !suites.has(entry));
  const imports = entries.map((entry) => `await import(${JSON.stringify(entry)});`);
  writeFileSync(join(folder, "imports.js"), imports.join("\n"));
  run(process.execPath, ["imports.js"]);
  console.log(`${entries.length} entries can be imported`);

  writeFileSync(join(folder, "app.ts"), app);
  const said = run(process.execPath, ["--disable-warning=ExperimentalWarning", "app.ts"]).trim();
  if (said !== "A title")
    throw new Error(`the app should have said "A title", and said ${JSON.stringify(said)}`);
  console.log("a notification is delivered");

  for (const [bin, argument] of [
    ["lobster-runtime", "version"],
    ["lobstercontrol-secrets", "keygen"],
  ] as const) {
    if (run(join(folder, "node_modules/.bin", bin), [argument]).trim() === "")
      throw new Error(`${bin} says nothing`);
    console.log(`${bin} runs`);
  }

  const types = resolve("node_modules/@types");
  const options = {
    strict: true,
    noEmit: true,
    module: "nodenext",
    target: "es2022",
    types: ["node"],
    typeRoots: [types],
  };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions: options, files: ["app.ts"] }),
  );
  run(process.execPath, [resolve("node_modules/typescript/bin/tsc"), "-p", folder]);
  console.log("the types are right");
} finally {
  rmSync(folder, { recursive: true, force: true });
}

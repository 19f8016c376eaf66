import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { listen } from "./fake/listen.ts";
import { npm } from "./npm.ts";
import { pack } from "./packed/pack.ts";
import { createWorld, expectByTheDocument, hasDocument, token } from "./world.ts";

const run = promisify(execFile);
const timeLimitMs = 300_000;
const pinned = "1.0.0-preview.100";
/** One with which dots cannot read an answer. An app may have it for something else. */
const newer = "1.0.0-preview.109";
const parts = ["abstractions", "bundle", "http-fetchlibrary"].concat(
  ["form", "json", "multipart", "text"].map((format) => `serialization-${format}`),
);

/** As careful as TypeScript can be told to be, of what others ship too. */
const compilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  target: "ES2022",
  module: "NodeNext",
  types: [],
  lib: ["ES2023", "DOM"],
  noEmit: true,
};

// Prism came from the registry too: without the one there is not the other.
describe.skipIf(!hasDocument || inject("prism") === null)("the packed packages in an empty app", () => {
  let folder: string;
  let tarballs: string[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "lobster-packed-"));
    tarballs = await pack(["core", "provisioner"], folder);
  }, timeLimitMs);
  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

  it.each([
    { what: "that has nothing else", kiota: pinned, dependencies: {} },
    {
      what: "that has a newer Kiota",
      kiota: newer,
      dependencies: Object.fromEntries(parts.map((part) => [`@microsoft/kiota-${part}`, newer])),
    },
  ])(
    "$what: every kind of call is sent, and its answer understood",
    async ({ kiota, dependencies }) => {
      const app = await mkdtemp(join(folder, "app-"));
      await writeFile(
        join(app, "package.json"),
        JSON.stringify({
          type: "module",
          dependencies: {
            ...dependencies,
            ...Object.fromEntries(tarballs.map((file) => [nameOf(file), `file:${file}`])),
          },
        }),
      );
      await npm(app, ["install", "--ignore-scripts"]);
      await copyFile(resolve(import.meta.dirname, "packed/call.mjs"), join(app, "call.mjs"));
      const world = await createWorld();
      const server = await listen(world.fake);

      const { stdout } = await run(process.execPath, ["call.mjs", server.url], {
        cwd: app,
        env: { ...process.env, NODE_OPTIONS: "", TOKEN: token },
      });

      await server.close();
      const [made] = world.fake.droplets().slice(-1);
      expect(JSON.parse(stdout)).toEqual({
        made: expect.objectContaining({ id: made?.id, name: "packed", tags: ["lobster:packed"] }),
        listed: [expect.objectContaining({ id: made?.id })],
        firewall: expect.objectContaining({ name: "packed", exact: true }),
        sizes: 4,
      });
      expectByTheDocument(world);
      // It is what was meant to be looked at: what dots itself finds.
      expect(await versionOf(join(app, "node_modules/@microsoft/kiota-abstractions"))).toBe(kiota);
    },
    timeLimitMs,
  );

  it(
    "compiles in the strictest app without a look at the sources of dots",
    async () => {
      const app = await mkdtemp(join(folder, "app-"));
      await writeFile(join(app, "package.json"), JSON.stringify({ type: "module" }));
      await writeFile(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["app.ts"] }));
      await copyFile(resolve(import.meta.dirname, "packed/app.ts"), join(app, "app.ts"));
      await npm(app, ["install", "--ignore-scripts", ...tarballs]);

      const { stdout } = await run(
        process.execPath,
        [resolve(import.meta.dirname, "../../node_modules/typescript/bin/tsc"), "--listFiles"],
        { cwd: app, env: { ...process.env, NODE_OPTIONS: "" } },
      );

      expect(stdout).toContain("provisioner/dist/dots/index.d.ts");
      expect(stdout).not.toMatch(/digitalocean|kiota/);
    },
    timeLimitMs,
  );
});

function nameOf(tarball: string): string {
  return `@lobstercontrol/${/lobstercontrol-(\w+)-/.exec(tarball)?.[1] ?? ""}`;
}

async function versionOf(folder: string): Promise<string> {
  return (JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as { version: string }).version;
}

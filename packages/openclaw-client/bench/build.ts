/** What those who install the libraries would load: this repository's TypeScript as the JavaScript that is published. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type BuildOptions } from "esbuild";

const packageDir = join(import.meta.dirname, "..");
/** Ignored by git, and inside the package, so that its dependencies are found from there. */
export const cacheDir = join(packageDir, ".cache/bench");

interface LibraryImport {
  label: string;
  /** What a program imports that uses it; bare `fetch` needs nothing. */
  code: string;
}
const imports: Record<string, LibraryImport> = {
  fetch: { label: "bare `fetch`", code: "export {}" },
  naive: {
    label: "ofetch + eventsource-parser",
    code: `export { ofetch } from "ofetch"; export { EventSourceParserStream } from "eventsource-parser/stream"`,
  },
  ours: {
    label: "**openclaw-client**",
    code: `export { createOpenClawClient } from "@lobstercontrol/openclaw-client"`,
  },
  openai: { label: "openai-node", code: `export { default } from "openai"` },
  "ai-sdk": {
    label: "AI SDK, open-responses",
    code: `export { createOpenResponses } from "@ai-sdk/open-responses"; export { generateText, streamText } from "ai"`,
  },
};

/** The library as the tables name it. */
export const labelOf = (library: string): string => imports[library]!.label;

const { dependencies, devDependencies } = JSON.parse(
  readFileSync(join(packageDir, "package.json"), "utf8"),
) as Record<"dependencies" | "devDependencies", Record<string, string>>;
const external = Object.keys({ ...dependencies, ...devDependencies }).filter(
  (name) => !name.startsWith("@lobstercontrol/"),
);
const common = {
  bundle: true,
  format: "esm",
  target: "es2022",
  conditions: ["@lobstercontrol/source"],
  absWorkingDir: packageDir,
} satisfies BuildOptions;

/** The worker, our client in it and the other libraries beside it. */
export async function buildWorker(folder: string): Promise<string> {
  await build({
    ...common,
    entryPoints: [join(import.meta.dirname, "worker.ts")],
    outdir: folder,
    platform: "node",
    splitting: true,
    external,
  });
  return join(folder, "worker.js");
}

/** Bytes of the whole library with everything it needs, minified and gzipped. */
export async function gzippedBytes(library: string): Promise<number> {
  const { outputFiles } = await build({
    ...common,
    stdin: { contents: imports[library]!.code, resolveDir: packageDir },
    platform: "browser",
    minify: true,
    // Node's own modules, for libraries that ask whether they are there.
    external: ["node:*"],
    write: false,
  });
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
}

/** What imports the library, for {@link importMs}. */
export async function buildImport(folder: string, library: string): Promise<string> {
  const outfile = join(folder, `import-${library}.js`);
  await build({
    ...common,
    stdin: { contents: imports[library]!.code, resolveDir: packageDir },
    outfile,
    platform: "node",
    external,
  });
  return outfile;
}

/** Milliseconds that a fresh process takes to import it. */
export function importMs(file: string): number {
  const code = `const started = performance.now(); await import(${JSON.stringify(pathToFileURL(file).href)}); console.log(performance.now() - started)`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", code]);
  if (status !== 0) throw new Error(stderr.toString());
  return Number(stdout);
}

import { readFile, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type BuildOptions, type Plugin } from "esbuild";
import { testFiles } from "./test-files.ts";
import { withoutMsw, withoutNode } from "./without-node.ts";

/** What {@link bundleTests} makes a bundle for. */
export interface BundleOptions {
  /** The folder that it fills. */
  folder: string;
  /** Where a mock gateway listens, which does not answer the input "hang". */
  gatewayUrl: string;
  /** The export conditions of the runtime. */
  conditions: readonly string[];
  /** What the runtime has of Node: it is Node, it has Node's modules, or it has none of it. */
  node: "itself" | "modules" | "none";
  /** Whether a module is evaluated by a call of `run`, and not when it is loaded. Then all modules are in one file. */
  lazy?: boolean;
}

/**
 * Bundles all test files, unchanged, with what they import. Each stays a file of its own name, if it can: there are tests
 * that look for it in a stack.
 *
 * @returns the entry, which exports `run`; all that it imports lies beside it
 */
export async function bundleTests(options: BundleOptions): Promise<string> {
  const { folder, gatewayUrl, conditions, node, lazy = false } = options;
  await rm(folder, { recursive: true, force: true });
  const files = testFiles().map(({ name, path }) => ({ in: path, out: name }));
  await build({
    ...platforms[node],
    entryPoints: [{ in: "runtimes:entry", out: "entry" }, ...(lazy ? [] : files)],
    outdir: folder,
    bundle: true,
    splitting: !lazy,
    format: "esm",
    target: "es2022",
    // An error is named after its class.
    keepNames: true,
    define: {
      gatewayUrl: JSON.stringify(gatewayUrl),
      // As every bundler does it; a part of vitest asks.
      "process.env.NODE_ENV": '"test"',
    },
    logLevel: "silent",
    conditions: ["@lobstercontrol/source", ...conditions],
    mainFields: ["module", "main"],
    plugins: [entry, inPlace, ...(platforms[node].plugins ?? [])],
  });
  return join(folder, "entry.js");
}

const entry: Plugin = {
  name: "entry",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^runtimes:entry$/ }, ({ path }) => ({ path, namespace: "entry" }));
    onLoad({ filter: /./, namespace: "entry" }, () => ({
      resolveDir: import.meta.dirname,
      contents: [
        `export const run = async () => (await import("./inside/run-tests.ts")).runTests({`,
        ...testFiles().map(
          ({ name, path }) => `${JSON.stringify(name)}: () => import(${JSON.stringify(path)}),`,
        ),
        `});`,
      ].join("\n"),
    }));
  },
};

const globalsOfNode = {
  Buffer: { from: "node:buffer", code: 'import { Buffer } from "node:buffer";' },
  process: { from: "node:process", code: 'import process from "node:process";' },
};

/** Makes up for a test's not being where it was, nor loaded as it would be by vitest. */
const inPlace: Plugin = {
  name: "in place",
  setup({ onResolve, onLoad }) {
    onLoad({ filter: /\.test\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const located = source.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href));
      // Only tests may have these for globals: in a package they must be missing where there is no Node.
      const imports = Object.entries(globalsOfNode).filter(
        ([name, { from }]) => new RegExp(`\\b${name}\\b`).test(source) && !source.includes(`"${from}"`),
      );
      return { loader: "ts", contents: [...imports.map(([, { code }]) => code), located].join(" ") };
    });

    // A test imports a module once more, after `vi.resetModules()`, to have another copy of it and of what it imports.
    onResolve({ filter: /^\./ }, ({ path, kind, importer, namespace, resolveDir }) =>
      namespace === "copy" || (kind === "dynamic-import" && importer.endsWith(".test.ts"))
        ? { path: resolve(resolveDir, path), namespace: "copy" }
        : null,
    );
    onLoad({ filter: /./, namespace: "copy" }, async ({ path }) => ({
      loader: "ts",
      resolveDir: dirname(path),
      contents: await readFile(path, "utf8"),
    }));
  },
};

/** msw reads a file that lies beside it. */
const mswInPlace: Plugin = {
  name: "msw in place",
  setup({ onResolve, resolve: resolveAsUsual }) {
    onResolve({ filter: /^msw/ }, async ({ path, kind, resolveDir, pluginData }) => {
      if (pluginData === "as usual") return null;
      const found = await resolveAsUsual(path, { kind, resolveDir, pluginData: "as usual" });
      return { path: pathToFileURL(found.path).href, external: true };
    });
  },
};

const platformOfNode: BuildOptions = {
  platform: "node",
  // What is CommonJS, such as pino, asks for Node's modules by `require`, which no ES module has.
  banner: {
    js: 'import { createRequire as requireHere } from "node:module"; const require = requireHere(import.meta.url);',
  },
};

const platforms: Readonly<Record<BundleOptions["node"], BuildOptions>> = {
  itself: { ...platformOfNode, plugins: [mswInPlace] },
  modules: { ...platformOfNode, plugins: [withoutMsw] },
  none: { platform: "neutral", plugins: [withoutMsw, withoutNode] },
};

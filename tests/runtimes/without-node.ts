import { readFile } from "node:fs/promises";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Plugin, PluginBuild } from "esbuild";
import { fixtureFiles, isForNode } from "./test-files.ts";

const inside = join(import.meta.dirname, "inside");
const builtin = new RegExp(`^(node:.*|${builtinModules.join("|")})$`);

/** What of Node's modules there is a replacement for, in `inside/read-fixtures.ts`. */
const fixtureReaders = new Set(["fileURLToPath", "join", "readdirSync", "readFileSync"]);

/** msw comes between Node and its network, and there is no other way that it could. */
export const withoutMsw: Plugin = {
  name: "without msw",
  setup(bundling) {
    standIn(bundling, "msw", ["http", "HttpResponse"]);
    standIn(bundling, "msw/node", ["setupServer"]);
  },
};

/**
 * Bundles for a runtime that has no Node. Tests may import what is Node's, see `ofNode`, and what is for Node may; an
 * import in any other file is an error.
 */
export const withoutNode: Plugin = {
  name: "without node",
  setup(bundling) {
    const { onResolve, onLoad } = bundling;
    standIn(bundling, "pino", ["pino"]);
    onResolve({ filter: builtin }, ({ path, importer }) =>
      importer.endsWith(".test.ts") || isForNode(importer)
        ? { path: `node:${path.replace(/^node:/, "")}`, namespace: "of-node" }
        : { errors: [{ text: `${importer} imports ${path}, which is Node's.` }] },
    );
    onLoad({ filter: /./, namespace: "of-node" }, async ({ path }) => ({
      resolveDir: inside,
      contents: moduleOfNode(path, Object.keys((await import(path)) as object)),
    }));

    onLoad({ filter: /bundled-fixtures\.ts$/ }, async () => ({
      contents: `export const fixtures = ${await fixtures()};`,
    }));
  },
};

/** Puts something in the place of a package that needs Node. */
function standIn({ onResolve, onLoad }: PluginBuild, name: string, exported: readonly string[]): void {
  onResolve({ filter: new RegExp(`^${name}$`) }, ({ path }) => ({ path, namespace: name }));
  onLoad({ filter: /./, namespace: name }, () => ({
    resolveDir: inside,
    contents: moduleOfNode(name, exported),
  }));
}

function moduleOfNode(module: string, names: readonly string[]): string {
  const exported = (name: string): string =>
    fixtureReaders.has(name)
      ? `export { ${name} } from "./read-fixtures.ts";`
      : `${name === "default" ? "export default" : `export const ${name} =`} ofNode("${name} of ${module}");`;
  return [`import { ofNode } from "./of-node.ts";`, ...names.map(exported)].join("\n");
}

async function fixtures(): Promise<string> {
  const read = async (path: string) => [
    decodeURIComponent(pathToFileURL(path).pathname),
    await readFile(path, "utf8"),
  ];
  return JSON.stringify(Object.fromEntries(await Promise.all(fixtureFiles().map(read))));
}

/** What a deployment finds out about the bundles of a push before it takes it, found out here by loading them. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** A bundle that Convex's command made. */
export interface BundledModule {
  path: string;
  source: string;
  environment: string;
}

/** An app or a component, as a push brings it. */
export interface BundledDefinition {
  definitionPath: string;
  definition: BundledModule | null;
  dependencies: string[];
  schema: BundledModule | null;
  functions: BundledModule[];
}

interface Registered {
  isQuery?: true;
  isMutation?: true;
  isAction?: true;
  isPublic?: boolean;
  exportArgs?(): string;
  exportReturns?(): string;
}

interface Definition {
  definitionType: { type: string; name?: string };
  childComponents: { name: string; path: string }[];
  exports: unknown;
}

/** An app without a definition of its own. */
const plainApp = {
  definitionType: { type: "app" },
  childComponents: [],
  httpMounts: {},
  exports: { type: "branch", branch: [] },
} as unknown as Definition;

/** The definition that a bundle exports; its children are known by their names alone. */
export async function definitionOf(
  bundle: BundledModule | null,
  children: { path: string; name: string }[],
): Promise<Definition> {
  if (bundle === null) return plainApp;
  const stubs = children.map(({ path, name }) => ({
    path: `_componentDeps/${Buffer.from(path).toString("base64url")}`,
    source: `export default ${JSON.stringify({ componentDefinitionPath: path, defaultName: name })}`,
  }));
  return await withLoaded([bundle, ...stubs], async (load) => {
    const { default: made } = await load<{ default: { export(): Definition } }>(bundle.path);
    return made.export();
  });
}

/** All that a deployment answers about one definition. */
export async function analysisOf(bundled: BundledDefinition, definition: Definition): Promise<object> {
  const functions = await functionsOf(bundled.functions);
  const isComponent = definition.definitionType.type !== "app";
  return {
    definition: {
      ...definition,
      path: bundled.definitionPath,
      // What the app can call of a component.
      exports: isComponent ? publicTree(functions) : definition.exports,
    },
    schema: bundled.schema === null ? null : await schemaOf(bundled.schema),
    functions,
    udfConfig: { serverVersion: "0", importPhaseRngSeed: null, importPhaseUnixTimestamp: null },
  };
}

async function schemaOf(bundle: BundledModule): Promise<unknown> {
  return await withLoaded([bundle], async (load) => {
    const { default: schema } = await load<{ default: { export(): string } }>(bundle.path);
    return JSON.parse(schema.export()) as unknown;
  });
}

interface AnalyzedFunction {
  name: string;
  visibility: { kind: "public" | "internal" };
}
type AnalyzedModules = Record<string, AnalyzedModule>;
interface AnalyzedModule {
  functions: AnalyzedFunction[];
  httpRoutes: { method: string; path: string }[] | null;
  cronSpecs: unknown;
  sourceMapped: null;
}

async function functionsOf(bundles: BundledModule[]): Promise<AnalyzedModules> {
  return await withLoaded(bundles, async (load) => {
    const modules: AnalyzedModules = {};
    for (const { path } of bundles.filter((bundle) => !bundle.path.startsWith("_deps/"))) {
      const loaded =
        await load<Record<string, Registered & { export?(): string; getRoutes?(): [string, string][] }>>(
          path,
        );
      const { default: main } = loaded;
      modules[path] = {
        functions: Object.entries(loaded).flatMap(([name, one]) => analyzed(name, one)),
        httpRoutes:
          path === "http.js"
            ? (main?.getRoutes?.() ?? []).map(([route, method]) => ({ method, path: route }))
            : null,
        cronSpecs: path === "crons.js" ? (JSON.parse(main?.export?.() ?? "{}") as unknown) : null,
        sourceMapped: null,
      };
    }
    return modules;
  });
}

function analyzed(name: string, one: Registered | undefined) {
  const udfType =
    one?.isQuery === true
      ? "Query"
      : one?.isMutation === true
        ? "Mutation"
        : one?.isAction === true
          ? "Action"
          : null;
  if (udfType === null) return [];
  const kind = one?.isPublic === true ? ("public" as const) : ("internal" as const);
  return [
    {
      name,
      pos: null,
      udfType,
      visibility: { kind },
      args: one?.exportArgs?.() ?? null,
      returns: one?.exportReturns?.() ?? null,
    },
  ];
}

interface Branch {
  [name: string]: Branch | string;
}

function publicTree(modules: AnalyzedModules): unknown {
  const root: Branch = {};
  for (const [file, { functions }] of Object.entries(modules)) {
    const path = file.replace(/\.js$/, "");
    for (const { name, visibility } of functions) {
      if (visibility.kind !== "public") continue;
      let at = root;
      for (const part of path.split("/")) at = (at[part] ??= {}) as Branch;
      at[name] = `_reference/function/${path}:${name}`;
    }
  }
  return asExports(root);
}

function asExports(branch: Branch): unknown {
  return {
    type: "branch",
    branch: Object.entries(branch).map(([name, value]) => [
      name,
      typeof value === "string" ? { type: "leaf", leaf: value } : asExports(value),
    ]),
  };
}

/** Loads bundles, which import each other, from a folder of their own. */
async function withLoaded<T>(
  bundles: Pick<BundledModule, "path" | "source">[],
  use: (load: <Loaded>(path: string) => Promise<Loaded>) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "lobster-push-"));
  try {
    await writeFile(join(folder, "package.json"), '{"type":"module"}');
    for (const { path, source } of bundles) {
      const file = join(folder, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, source);
    }
    return await use(async (path) => (await import(pathToFileURL(join(folder, path)).href)) as never);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The part of a deployment that `convex codegen` needs: it is brought the bundles of a push and answers what is in them. It
 * stores nothing and runs no function. Convex's command makes types from that answer, and so needs no deployment.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliDecompressSync } from "node:zlib";
import { analysisOf, definitionOf, type BundledDefinition, type BundledModule } from "./analyze.ts";

/** What was brought. */
export interface Push {
  appDefinition: {
    definition: BundledModule | null;
    dependencies: string[];
    schema: BundledModule | null;
    changedModules: BundledModule[];
  };
  componentDefinitions: BundledDefinition[];
}

/** The part of a deployment, on a free port. */
export interface PushServer {
  url: string;
  /** The push that came last; null before the first. */
  push: Push | null;
  close(): Promise<void>;
}

/** Starts it. */
export async function startPushServer(): Promise<PushServer> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const raw = Buffer.concat(chunks);
      const body = request.headers["content-encoding"] === "br" ? brotliDecompressSync(raw) : raw;
      answer(request.url ?? "", body.toString()).then(
        (value) => send(200, value),
        (error: unknown) => send(400, { code: "NotTaken", message: String((error as Error).stack ?? error) }),
      );
    });
    const send = (status: number, value: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(value));
    };
  });

  async function answer(path: string, body: string): Promise<unknown> {
    if (path === "/api/get_config_hashes") return noConfig;
    if (path !== "/api/deploy2/start_push") throw new Error(`${path} is not answered here`);
    started.push = JSON.parse(body) as Push;
    return await start(started.push);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const started: PushServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    push: null,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return started;
}

const noConfig = {
  config: { functions: "convex/", authInfo: [] },
  moduleHashes: [],
  nodeDependencies: [],
  udfServerVersion: "0",
};

async function start({ appDefinition, componentDefinitions }: Push): Promise<object> {
  const app: BundledDefinition = {
    definitionPath: "",
    definition: appDefinition.definition,
    dependencies: appDefinition.dependencies,
    schema: appDefinition.schema,
    functions: appDefinition.changedModules,
  };
  const all = new Map([app, ...componentDefinitions].map((one) => [one.definitionPath, one]));

  const define = async (path: string): ReturnType<typeof definitionOf> => {
    const { definition, dependencies } = all.get(path)!;
    const children = await Promise.all(
      dependencies.map(async (child) => ({
        path: child,
        name: (await define(child)).definitionType.name ?? "",
      })),
    );
    return await definitionOf(definition, children);
  };
  const definitions = new Map<string, Awaited<ReturnType<typeof definitionOf>>>();
  for (const path of all.keys()) definitions.set(path, await define(path));

  const tree = (path: string, componentPath: string): object => ({
    definitionPath: path,
    componentPath,
    args: {},
    exports: {},
    httpRoutes: { httpModuleRoutes: null, mounts: [] },
    childComponents: Object.fromEntries(
      definitions
        .get(path)!
        .childComponents.map(({ name, path: child }) => [
          name,
          tree(child, componentPath === "" ? name : `${componentPath}/${name}`),
        ]),
    ),
  });
  const analysis: Record<string, object> = {};
  for (const [path, one] of all) analysis[path] = await analysisOf(one, definitions.get(path)!);
  return {
    environmentVariables: {},
    externalDepsId: null,
    componentDefinitionPackages: {},
    appAuth: [],
    analysis,
    app: tree("", ""),
    schemaChange: { allocatedComponentIds: {}, schemaIds: {} },
  };
}

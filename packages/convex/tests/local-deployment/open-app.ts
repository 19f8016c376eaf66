/** Opens an app on convex-test in plain Node, without a bundler: what `import.meta.glob` does in a test of vitest. */
import { globSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { convexTest } from "convex-test";
import type { GenericSchema, SchemaDefinition } from "convex/server";
import componentSchema from "../../src/component/schema.ts";
import { startLocalDeployment, type LocalDeployment } from "./start.ts";
import type { LocalDeploymentOptions } from "./types.ts";

const component = resolve(import.meta.dirname, "../../src/component");

/** Which app, and who may call it. */
export interface OpenAppOptions {
  /** Its folder `convex`. */
  folder: string;
  /** Its schema. */
  schema: SchemaDefinition<GenericSchema, boolean>;
  /** Opens internal functions. */
  adminKey: string;
}

/** The domain of whoever signs people in here. */
export const issuer = "https://local.invalid";

/** The modules of an app, by their paths. */
export type AppModules = Record<string, () => Promise<unknown>>;

/** An app on convex-test. */
export function createApp(schema: OpenAppOptions["schema"], modules: AppModules) {
  const t = convexTest({ schema, modules, transactionLimits: true });
  t.registerComponent("lobsterControl", componentSchema, modulesOf(component));
  return t;
}

/** Serves an app. Whoever has the token `user:NAME` is NAME. */
export async function openApp({ folder, schema, adminKey }: OpenAppOptions): Promise<LocalDeployment> {
  const modules = modulesOf(folder);
  return await serveApp({ t: createApp(schema, modules), modules, adminKey });
}

/** The same, of an app that is there already. */
export async function serveApp(
  options: Omit<LocalDeploymentOptions, "identityOf">,
): Promise<LocalDeployment> {
  return await startLocalDeployment({
    ...options,
    identityOf(token) {
      const [, subject] = /^user:(.+)$/.exec(token) ?? [];
      return subject === undefined ? null : { subject, issuer, tokenIdentifier: `${issuer}|${subject}` };
    },
  });
}

/** The modules of a folder. */
export function modulesOf(folder: string): AppModules {
  const files = globSync("**/*.{ts,js}", { cwd: folder }).filter((file) => !file.endsWith(".d.ts"));
  return Object.fromEntries(
    files.map((file) => [
      `./${file.replaceAll("\\", "/")}`,
      async () => (await import(pathToFileURL(join(folder, file)).href)) as unknown,
    ]),
  );
}

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Context, type Module, SourceTextModule } from "node:vm";
import type { Bundle, Report } from "../report.ts";

/**
 * Runs the tests of a bundle in a context, which has no module but the bundle's. Needs `--experimental-vm-modules`.
 *
 * @param entry of the bundle
 */
export async function runInContext(context: Context, entry: string): Promise<Report> {
  const modules = new Map<string, SourceTextModule>();

  const moduleAt = (specifier: string, from: string): SourceTextModule => {
    const path = resolve(dirname(from), specifier);
    const module =
      modules.get(path) ??
      new SourceTextModule(readFileSync(path, "utf8"), {
        context,
        identifier: path,
        importModuleDynamically: (dynamic) => load(moduleAt(dynamic, path)),
      });
    modules.set(path, module);
    return module;
  };
  const load = async (module: SourceTextModule): Promise<Module> => {
    if (module.status === "unlinked")
      await module.link((specifier, { identifier }) => moduleAt(specifier, identifier));
    await module.evaluate();
    return module;
  };

  const { namespace } = await load(moduleAt(entry, entry));
  return (namespace as unknown as Bundle).run();
}

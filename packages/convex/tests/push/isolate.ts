/**
 * `node --experimental-vm-modules isolate.ts FILE`: loads the bundles of a push, which FILE holds as JSON, with the globals of
 * Convex's default runtime and nothing else: no `Buffer`, no `require`, nothing of Node. Prints how many there are.
 */
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { createContext, SourceTextModule, type Context } from "node:vm";
import type { BundledModule } from "./analyze.ts";

/** What the runtime sets up for functions; `udf-runtime/src/setup.ts` of Convex's backend. */
const globals = `
  AbortController AbortSignal Blob Crypto CryptoKey CustomEvent DOMException Event EventTarget File
  FormData Headers ReadableStream ReadableStreamBYOBReader ReadableStreamDefaultReader Request
  Response SubtleCrypto TextDecoder TextEncoder TransformStream URL URLSearchParams WebAssembly
  WritableStream WritableStreamDefaultWriter atob btoa clearInterval clearTimeout console crypto
  fetch performance queueMicrotask setInterval setTimeout structuredClone
`
  .trim()
  .split(/\s+/);

const bundles = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as BundledModule[];
console.log(await loadAll(bundles, isolateContext()));

function isolateContext(): Context {
  const here = globalThis as unknown as Record<string, unknown>;
  const own: Record<string, unknown> = { process: { env: {} } };
  for (const name of globals) own[name] = here[name];
  own["self"] = own;
  return createContext(own);
}

async function loadAll(modules: readonly BundledModule[], context: Context): Promise<number> {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const loaded = new Map<string, SourceTextModule>();
  function moduleAt(path: string): SourceTextModule {
    const known = loaded.get(path);
    if (known !== undefined) return known;
    const source = byPath.get(path)?.source;
    if (source === undefined) throw new Error(`${path} is not in the bundle`);
    const module = new SourceTextModule(source, { context, identifier: path });
    loaded.set(path, module);
    return module;
  }
  for (const { path, environment } of modules) {
    if (environment === "node") continue;
    const module = moduleAt(path);
    if (module.status === "unlinked")
      await module.link((specifier, { identifier }) => {
        if (!specifier.startsWith(".")) throw new Error(`${identifier} imports ${specifier}`);
        return moduleAt(posix.normalize(posix.join(posix.dirname(identifier), specifier)));
      });
    await module.evaluate();
  }
  return modules.length;
}

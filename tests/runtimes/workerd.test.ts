import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inject } from "vitest";
import type { Report } from "./report.ts";
import { timeLimitMs } from "./run-program.ts";
import { testIn } from "./test-in.ts";

const { nodeModules } = inject("runtimes");

/** The parts of miniflare that are used here: it is not there when types are checked. */
interface Miniflare {
  dispatchFetch(url: string, init: { signal: AbortSignal }): Promise<Response>;
  dispose(): Promise<void>;
}

const worker = `
  import { run } from "./entry.js";
  export default { fetch: async () => Response.json(await run()) };
`;

async function runInWorkerd(installed: string, entry: string): Promise<Report> {
  const { Miniflare } = (await import(
    pathToFileURL(join(installed, "miniflare/dist/src/index.js")).href
  )) as { Miniflare: new (options: object) => Miniflare };
  const miniflare = new Miniflare({
    modules: [
      { type: "ESModule", path: "worker.js", contents: worker },
      { type: "ESModule", path: "entry.js", contents: readFileSync(entry, "utf8") },
    ],
    compatibilityDate: "2026-07-30",
  });
  try {
    const response = await miniflare.dispatchFetch("http://worker.test/", {
      signal: AbortSignal.timeout(timeLimitMs),
    });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as Report;
  } finally {
    await miniflare.dispose();
  }
}

const oneFile = "a stack that names the test file";

await testIn(
  "workerd",
  nodeModules === null
    ? null
    : {
        version: (
          JSON.parse(readFileSync(join(nodeModules, "workerd/package.json"), "utf8")) as { version: string }
        ).version,
        userAgent: /^Cloudflare-Workers$/,
        conditions: ["workerd", "worker"],
        node: "none",
        // No timers and no randomness while a module is loaded.
        lazy: true,
        except: [
          { tests: "core/src/error.test.ts > an error > is an Error with a name", why: oneFile },
          {
            tests: "core/src/scrub.test.ts > what is no plain object > an error keeps its name",
            why: oneFile,
          },
        ],
        run: (entry) => runInWorkerd(nodeModules, entry),
      },
);

/**
 * `convex.ts ENTRY FILE`: runs the tests of a bundle with what Convex's default runtime offers to an action, and nothing
 * else. It is not Convex, which does not run on its own; it is what is known from its sources: less than an edge runtime
 * has, a `process` that has an `env` and nothing else, a Web Crypto with gaps, randomness from a seed, and no `eval`.
 */
import { writeFileSync } from "node:fs";
import { EdgeVM } from "@edge-runtime/vm";
import { convexCrypto, seededRandom } from "./convex-crypto.ts";
import { runInContext } from "./run-in-context.ts";

const missing = ["EdgeRuntime", "FetchEvent", "PromiseRejectionEvent", "URLPattern", "WebSocket"];

const [entry = "", file = ""] = process.argv.slice(2);
const random = seededRandom(1);
const vm = new EdgeVM();
const { context } = vm;
for (const name of missing) context[name] = undefined;
Object.assign(context, { crypto: convexCrypto(globalThis.crypto, random), process: { env: {} } });
vm.evaluate<Math>("Math").random = random;

writeFileSync(file, JSON.stringify(await runInContext(context, entry)));

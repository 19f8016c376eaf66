/** `edge-runtime.ts ENTRY FILE`: runs the tests of a bundle with the globals of an edge runtime and no others, and no `eval`. */
import { writeFileSync } from "node:fs";
import { EdgeVM } from "@edge-runtime/vm";
import { runInContext } from "./run-in-context.ts";

const [entry = "", file = ""] = process.argv.slice(2);
writeFileSync(file, JSON.stringify(await runInContext(new EdgeVM().context, entry)));

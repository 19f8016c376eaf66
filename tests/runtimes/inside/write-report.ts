/**
 * `write-report.ts ENTRY FILE`: runs the tests of a bundle in the runtime that this was started with, which has Node's
 * modules.
 */
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { Bundle } from "../report.ts";

const [entry = "", file = ""] = process.argv.slice(2);
const { run } = (await import(pathToFileURL(entry).href)) as Bundle;
writeFileSync(file, JSON.stringify(await run()));

import { createRequire } from "node:module";
import { z } from "zod";

const packageFile = z.object({ version: z.string() });

/** The version of this package. */
export const version: string = packageFile.parse(
  createRequire(import.meta.url)("@lobstercontrol/runtime/package.json"),
).version;

/** Writes `docs/runtime-config.md`: `node --conditions=@lobstercontrol/source packages/runtime/tests/make-config-page.ts`. */
import { writeFileSync } from "node:fs";
import { configPage } from "../src/config/page.ts";

writeFileSync(new URL("../../../docs/runtime-config.md", import.meta.url), configPage());

/** A control plane on the SQLite file that serves runtimes over HTTP. */
import { createRuntimeHandler } from "@lobstercontrol/core/http";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import { serve } from "../../../packages/sqlite/tests/http/serve.ts";
import { begin, inFolder, rules } from "../settings.ts";

const { folder, controlPlanePort } = begin();
const controlPlane = createSqliteControlPlane({ path: inFolder(folder).database, ...rules });
await serve(createRuntimeHandler({ controlPlane }), controlPlanePort ?? 0);
console.log("ready");

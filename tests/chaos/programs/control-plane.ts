/**
 * A control plane on the SQLite file that serves runtimes over HTTP. It notes each `complete` that it took, with the lease
 * that it came with.
 */
import type { ControlPlane } from "@lobstercontrol/core";
import { createRuntimeHandler } from "@lobstercontrol/core/http";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import { serve } from "../../../packages/sqlite/tests/http/serve.ts";
import { noteCompletes } from "../note-completes.ts";
import { begin, inFolder, rules } from "../settings.ts";

const { folder, controlPlanePort } = begin();
const { database, completes } = inFolder(folder);
const controlPlane = createSqliteControlPlane({ path: database, ...rules });
const noting: Pick<ControlPlane, "runtime"> = {
  runtime: (token) => noteCompletes(controlPlane.runtime(token), completes),
};
await serve(createRuntimeHandler({ controlPlane: noting }), controlPlanePort ?? 0);

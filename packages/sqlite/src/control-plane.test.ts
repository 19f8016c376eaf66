import { runtimePortSuite } from "@lobstercontrol/core/testing";
import { createSqliteControlPlane } from "./control-plane.ts";

runtimePortSuite("SQLite", (options) => createSqliteControlPlane({ path: ":memory:", ...options }));

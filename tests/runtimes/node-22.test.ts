import { inject } from "vitest";
import { installedProgram } from "./install/install.ts";
import { testInNode } from "./test-in-node.ts";

await testInNode(22, installedProgram(inject("runtimes").nodeModules, "node22-*/bin/node"));

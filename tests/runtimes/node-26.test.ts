import { inject } from "vitest";
import { installedProgram } from "./install/install.ts";
import { testInNode } from "./test-in-node.ts";

await testInNode(26, installedProgram(inject("runtimes").nodeModules, "node26-*/bin/node"));

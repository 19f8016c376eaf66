import edgeRuntime from "@edge-runtime/vm/package.json" with { type: "json" };
import { runProgram } from "./run-program.ts";
import { testIn } from "./test-in.ts";

await testIn("edge-runtime", {
  version: edgeRuntime.version,
  userAgent: /^$/,
  conditions: ["edge-light", "worker"],
  node: "none",
  run: (entry) =>
    runProgram(
      { command: process.execPath, args: ["--experimental-vm-modules"], script: "edge-runtime.ts" },
      entry,
    ),
});

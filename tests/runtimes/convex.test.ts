import { runProgram, versionOf } from "./run-program.ts";
import { testIn } from "./test-in.ts";

await testIn("Convex", {
  version: versionOf(process.execPath),
  userAgent: /^$/,
  conditions: ["convex", "module"],
  node: "none",
  run: (entry) =>
    runProgram(
      { command: process.execPath, args: ["--experimental-vm-modules"], script: "convex.ts" },
      entry,
    ),
});

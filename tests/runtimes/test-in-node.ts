import { runProgram, versionOf } from "./run-program.ts";
import { testIn, type Runtime } from "./test-in.ts";

/**
 * Tests in a Node.
 *
 * @param command its path; null when this machine has none
 */
export async function testInNode(major: number, command: string | null): Promise<void> {
  await testIn(`Node ${major}`, command === null ? null : node(major, command));
}

function node(major: number, command: string): Runtime {
  return {
    version: versionOf(command),
    userAgent: new RegExp(`^Node\\.js/${major}$`),
    conditions: [],
    node: "itself",
    run: (entry) => runProgram({ command, script: "write-report.ts" }, entry),
  };
}

import { inject } from "vitest";
import { installedProgram } from "./install/install.ts";
import { runProgram, versionOf } from "./run-program.ts";
import { testIn } from "./test-in.ts";

const command = installedProgram(inject("runtimes").nodeModules, "@oven/bun-*/bin/bun");

await testIn(
  "Bun",
  command === null
    ? null
    : {
        version: versionOf(command),
        userAgent: /^Bun\//,
        conditions: ["bun"],
        node: "modules",
        except: [
          {
            tests: "core/src/secret.test.ts > promise 8: a secret is not shown > by console.table",
            why: "console.table of node:console",
          },
          {
            tests: "openclaw-client/src/testing/mock-gateway.test.ts > as the transcripts show > refuses",
            why: "what V8 says of broken JSON",
          },
          {
            tests:
              "openclaw-client/src/testing/transcripts.test.ts > what openclaw@2026.9.6 was recorded to answer, the mock answers > 61-badjson",
            why: "what V8 says of broken JSON",
          },
          {
            tests: "openclaw-client/src/testing/faults.test.ts > faults over a server > cuts",
            why: "a server of node:http that cuts a connection after it has written",
          },
          {
            tests: "openclaw-client/src/testing/faults.test.ts > faults over a server > splits",
            why: "a server of node:http that writes each piece at once",
          },
          {
            tests: "openclaw-client/src/errors/errors.test.ts > over HTTP > names a stream that is cut",
            why: "a server of node:http that cuts a connection after it has written",
          },
          {
            tests:
              "core/src/http/watch.test.ts > the stream > ends when the caller's connection does, though the request was garbage by then",
            why: "a server of node:http that tells of a caller's end",
          },
        ],
        run: (entry) =>
          runProgram({ command, args: ["run", "--no-install"], script: "write-report.ts" }, entry),
      },
);

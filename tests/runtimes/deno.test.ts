import { dirname, join } from "node:path";
import { inject } from "vitest";
import { installedProgram } from "./install/install.ts";
import { runProgram, versionOf } from "./run-program.ts";
import { testIn } from "./test-in.ts";

const command = installedProgram(inject("runtimes").nodeModules, "@deno/*/deno");

await testIn(
  "Deno",
  command === null
    ? null
    : {
        version: versionOf(command),
        userAgent: /^Deno\//,
        conditions: ["deno"],
        node: "modules",
        except: [
          {
            tests: "openclaw-client/src/errors/errors.test.ts > over HTTP > names a gateway that is down",
            why: "a code in the error of a refused connection",
          },
        ],
        run: (entry) =>
          runProgram(
            {
              command,
              args: [
                "run",
                "--no-prompt",
                "--no-lock",
                "--no-remote",
                "--no-npm",
                "--allow-read",
                "--allow-env",
                "--allow-sys",
                "--allow-net=127.0.0.1",
                `--allow-write=${dirname(entry)}`,
              ],
              script: "write-report.ts",
              env: { DENO_DIR: join(dirname(entry), "deno"), DENO_NO_UPDATE_CHECK: "1" },
            },
            entry,
          ),
      },
);

/**
 * `pnpm test:deployment`: the suites of the ports, and `flows`, against a deployment of Convex, given by `CONVEX_URL` and
 * `CONVEX_ADMIN_KEY`. The test app has to be on it; docs/convex.md says how. What needs a clock that can be moved is skipped. It
 * is no part of CI, since there is no deployment there.
 */
import { spawn } from "node:child_process";
import { givenDeployment } from "./given.ts";

if (givenDeployment(process.env) === null) {
  console.log("no Convex backend given: set CONVEX_URL and CONVEX_ADMIN_KEY");
  console.log("0 passed, 0 failed, 0 skipped");
} else {
  const child = spawn(process.execPath, ["tools/run-suite.ts", "wire", "flows", "ports"], {
    stdio: "inherit",
  });
  child.on("close", (code) => {
    process.exitCode = code ?? 1;
  });
}

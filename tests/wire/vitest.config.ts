import { defineConfig } from "vitest/config";
import { givenDeployment } from "./given.ts";

// Workspace packages resolve to their TypeScript source: no build is needed to test.
const conditions = ["@lobstercontrol/source", "module", "node", "development|production"];

export default defineConfig({
  ssr: { resolve: { conditions } },
  test: {
    root: import.meta.dirname,
    include: ["*.test.ts"],
    maxWorkers: "100%",
    // A deployment may be far away: there every call takes its time.
    testTimeout: givenDeployment(process.env) === null ? 30_000 : 180_000,
  },
});

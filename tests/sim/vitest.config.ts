import { defineConfig } from "vitest/config";

// Workspace packages resolve to their TypeScript source: no build is needed to test.
const conditions = ["@lobstercontrol/source", "module", "node", "development|production"];
const replay = "replay.test.ts";

export default defineConfig({
  ssr: { resolve: { conditions } },
  test: {
    root: import.meta.dirname,
    ...(process.env["SEED"] === undefined
      ? { include: ["*.test.ts"], exclude: [replay] }
      : { include: [replay], disableConsoleIntercept: true }),
    testTimeout: 600_000,
  },
});

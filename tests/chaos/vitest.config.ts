import { defineConfig } from "vitest/config";

// Workspace packages resolve to their TypeScript source: no build is needed to test.
const conditions = ["@lobstercontrol/source", "module", "node", "development|production"];

export default defineConfig({
  ssr: { resolve: { conditions } },
  test: {
    root: import.meta.dirname,
    include: ["*.test.ts"],
    globalSetup: "../gateway/setup.ts",
    // Each of them wants the whole machine for its processes.
    fileParallelism: false,
    disableConsoleIntercept: true,
    testTimeout: 240_000,
    retry: 0,
  },
});

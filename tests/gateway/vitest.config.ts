import { defineConfig } from "vitest/config";

// Workspace packages resolve to their TypeScript source: no build is needed to test.
const conditions = ["@lobstercontrol/source", "module", "node", "development|production"];

export default defineConfig({
  ssr: { resolve: { conditions } },
  test: {
    root: import.meta.dirname,
    include: ["**/*.test.ts"],
    globalSetup: "./setup.ts",
    // A gateway takes ten seconds to start and a gigabyte of memory: all files share one worker, and with it one gateway.
    fileParallelism: false,
    isolate: false,
    // A gateway on a busy machine is slow, which is no failure; one that fails now and then is.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    retry: 0,
  },
});

import { defineConfig } from "vitest/config";

// Workspace packages resolve to their TypeScript source: no build is needed to test.
const conditions = ["@lobstercontrol/source", "module", "node", "development|production"];

export default defineConfig({
  ssr: { resolve: { conditions } },
  test: {
    root: import.meta.dirname,
    include: ["*.test.ts"],
    globalSetup: "./setup.ts",
    // Each droplet has its own mounts, processes and network.
    maxWorkers: "100%",
    testTimeout: 120_000,
    hookTimeout: 120_000,
    retry: 0,
  },
});

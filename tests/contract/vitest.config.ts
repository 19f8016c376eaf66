import { defineConfig } from "vitest/config";

// Workspace packages resolve to their TypeScript source: no build is needed to test.
const conditions = ["@lobstercontrol/source", "module", "node", "development|production"];

export default defineConfig({
  ssr: { resolve: { conditions } },
  test: {
    root: import.meta.dirname,
    include: ["*.test.ts"],
    globalSetup: "./setup.ts",
    // More than there are cores: most of it waits, for a droplet's time or for another process.
    maxWorkers: 3,
    testTimeout: 60_000,
    // Prism takes its time on a busy machine.
    hookTimeout: 60_000,
  },
});

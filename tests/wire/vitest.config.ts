import { defineConfig } from "vitest/config";

// Workspace packages resolve to their TypeScript source: no build is needed to test.
const conditions = ["@lobstercontrol/source", "module", "node", "development|production"];

export default defineConfig({
  ssr: { resolve: { conditions } },
  test: {
    root: import.meta.dirname,
    include: ["*.test.ts"],
    testTimeout: 30_000,
  },
});

import { defineConfig } from "vitest/config";

/** For Stryker, which changes the sources inside one process: what starts programs of its own would not see that. */
export default defineConfig({
  ssr: { resolve: { conditions: ["@lobstercontrol/source", "module", "node", "development|production"] } },
  test: {
    include: ["src/**/*.test.ts", "tests/**/*.test.ts"],
    exclude: ["tests/cli.test.ts", "tests/rotation.test.ts"],
  },
});

import { readdirSync } from "node:fs";
import { defineConfig } from "vitest/config";

// Workspace packages resolve to their TypeScript source: no build is needed to test.
const conditions = ["@lobstercontrol/source", "module", "node", "development|production"];
const folders = ["packages", "examples"].flatMap((parent) =>
  readdirSync(new URL(parent, import.meta.url)).map((name) => ({
    // A package and an example may have the same name.
    name: parent === "examples" ? `example ${name}` : name,
    root: `${parent}/${name}`,
  })),
);

export default defineConfig({
  ssr: { resolve: { conditions } },
  test: {
    // All of the cores: most of what is waited for here is processes and disks.
    maxWorkers: "100%",
    // A busy machine is slow, which is no failure; one second, as usual, is over too soon. Less than a test has.
    expect: { poll: { timeout: 4_000 } },
    projects: folders.map(({ name, root }) => ({
      extends: true,
      test: {
        name,
        root,
        include: ["src/**/*.test.ts", "tests/**/*.test.ts"],
        typecheck: { enabled: true, include: ["src/**/*.test-d.ts"], tsconfig: "../../tsconfig.json" },
      },
    })),
  },
});

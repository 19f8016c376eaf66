import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts", "src/testing/index.ts", "src/cli/main.ts"],
  format: ["esm"],
  dts: { entry: ["src/index.ts", "src/testing/index.ts"] },
  sourcemap: true,
  clean: true,
  target: "es2022",
  treeshake: true,
  // Deno and workers know Node's modules by this prefix alone.
  removeNodeProtocol: false,
});

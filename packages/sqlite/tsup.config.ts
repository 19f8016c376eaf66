import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts"],
  format: ["esm"],
  dts: true,
  sourcemap: true,
  clean: true,
  target: "es2022",
  treeshake: true,
  // Some of Node's modules have no other name, and Deno and workers know them by this prefix alone.
  removeNodeProtocol: false,
});

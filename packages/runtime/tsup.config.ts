import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts", "src/cli/main.ts"],
  format: ["esm"],
  dts: { entry: ["src/index.ts"] },
  sourcemap: true,
  clean: true,
  target: "es2022",
  treeshake: true,
  // Some of Node's modules have no other name, and Deno and workers know them by this prefix alone.
  removeNodeProtocol: false,
  // Optional: loaded when there is a terminal.
  external: ["pino-pretty"],
});

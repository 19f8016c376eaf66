import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts", "src/cli/main.ts"],
  format: ["esm"],
  dts: { entry: ["src/index.ts"] },
  sourcemap: true,
  clean: true,
  target: "es2022",
  treeshake: true,
  // Optional: loaded when there is a terminal.
  external: ["pino-pretty"],
});

import { defineConfig } from "tsup";

export default defineConfig({
  // Every module on its own: in one file, the schemas of zod would follow whoever needs nothing but an error class.
  entry: [
    "src/{,context/,droplet/,health/,heartbeat/,http/,notification/,ports/}!(*.test|*.test-d|test-ports).ts",
    "src/testing/index.ts",
  ],
  format: ["esm"],
  dts: { entry: ["src/index.ts", "src/http/index.ts", "src/testing/index.ts"] },
  sourcemap: true,
  clean: true,
  target: "es2022",
  treeshake: true,
  // Some of Node's modules have no other name, and Deno and workers know them by this prefix alone.
  removeNodeProtocol: false,
});

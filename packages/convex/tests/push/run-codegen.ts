import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { startPushServer, type Push } from "./push-server.ts";

/** What is generated for. */
export interface CodegenOptions {
  /** The folder with `convex.json`, or with `convex/`. */
  folder: string;
  /** The folder of a component, when its types are wanted and not those of an app. */
  component?: string;
  /** Takes the packages of this repository from their sources; not for what was packed. */
  fromSource: boolean;
}

/**
 * Runs the real `convex codegen` without a deployment.
 *
 * @returns what was pushed
 * @throws an error with what the command said
 */
export async function runCodegen({ folder, component, fromSource }: CodegenOptions): Promise<Push> {
  const server = await startPushServer();
  try {
    const require = createRequire(join(folder, "package.json"));
    const command = join(dirname(require.resolve("convex/package.json")), "bin/main.js");
    const args = [
      ...(fromSource ? ["--require", join(import.meta.dirname, "source-condition.cjs")] : []),
      command,
      "codegen",
      "--url",
      server.url,
      "--admin-key",
      "offline",
      "--typecheck",
      "disable",
      ...(component === undefined ? [] : ["--component-dir", component]),
    ];
    await run(args, folder);
    if (server.push === null) throw new Error("convex codegen has pushed nothing");
    return server.push;
  } finally {
    await server.close();
  }
}

function run(args: string[], cwd: string): Promise<void> {
  const child = spawn(process.execPath, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const said: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => said.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`convex codegen failed:\n${Buffer.concat(said).toString()}`)),
    );
  });
}

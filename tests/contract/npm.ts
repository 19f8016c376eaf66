import { findNpm } from "../../examples/quickstart/gateway/npm.ts";
import { startGroup } from "../../examples/quickstart/gateway/process-group.ts";

const shownOutput = 500;

/** npm did not do it. The message says why. */
export class NpmError extends Error {
  override readonly name = "NpmError";
}

/**
 * Runs npm to its end.
 *
 * @throws {NpmError} when it is missing or fails, with the last of what it printed
 */
export async function npm(folder: string, args: readonly string[]): Promise<void> {
  const { command, args: first, shell } = findNpm(process.env, process.platform);
  let output = "";
  const group = await startGroup({
    command,
    args: [...first, ...args, "--no-audit", "--no-fund", "--loglevel=error"],
    cwd: folder,
    // The options of the Node that runs this are not for npm.
    env: { ...process.env, NODE_OPTIONS: "" },
    shell,
    onOutput: (text) => (output += text),
  }).catch((error: unknown) => {
    throw new NpmError("npm could not be started", { cause: error });
  });
  const ended = await group.ended;
  if (ended !== 0) throw new NpmError(`npm ended with ${ended}: ${output.trim().slice(-shownOutput)}`);
}

import { basename } from "node:path";

/** How to start npm on this machine. */
export interface NpmCommand {
  /** The program. */
  command: string;
  /** What stands before npm's own arguments. */
  args: readonly string[];
  /** Whether a shell has to find it. */
  shell: boolean;
}

/**
 * How to start npm: by the very npm that runs this program if there is one, else by the `npm` on the PATH.
 *
 * @param env where `npm_execpath` is looked up; pnpm and yarn set it too, to themselves
 */
export function findNpm(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): NpmCommand {
  const running = env["npm_execpath"];
  if (running !== undefined && /^npm-cli\.[cm]?js$/.test(basename(running)))
    return { command: process.execPath, args: [running], shell: false };
  // Node starts a .cmd file only through a shell. Our arguments are fixed words, so there is nothing to quote.
  if (platform === "win32") return { command: "npm.cmd", args: [], shell: true };
  return { command: "npm", args: [], shell: false };
}

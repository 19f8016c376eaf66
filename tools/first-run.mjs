/**
 * Makes `npm run example` and `npm test` work as the very first command in a fresh clone: installs when that is needed,
 * then runs the command on the repository's own Node.
 *
 * Plain JavaScript without dependencies, because it starts on whatever Node the newcomer has (20 or later), before
 * anything is installed. The command gets a process of its own: a second `node` in the same script line would be the
 * newcomer's again, since a shell remembers where it first found one.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const lockfile = join(root, "pnpm-lock.yaml");
const installedLockfile = join(root, "node_modules/.pnpm/lock.yaml");
const stamp = join(root, "node_modules/.first-run");
const localNode = join(root, "node_modules/node/bin", process.platform === "win32" ? "node.exe" : "node");

/** What each command hands to Node, before the newcomer's own arguments. */
const commands = {
  example: [
    "--conditions=@lobstercontrol/source",
    "--disable-warning=ExperimentalWarning",
    "tools/example.ts",
  ],
  test: [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--reporter=default",
    "--reporter=json",
    "--outputFile.json=.cache/test.json",
  ],
};

const [name = "", ...rest] = process.argv.slice(2);
// npm takes the `--` before a command's arguments away; pnpm hands it on.
const args = rest[0] === "--" ? rest.slice(1) : rest;
if (!Object.hasOwn(commands, name)) {
  console.error(
    `There is no command ${JSON.stringify(name)}; there are: ${Object.keys(commands).join(", ")}.`,
  );
  process.exit(1);
}
if (!isInstalled()) await install();
const path = [dirname(localNode), join(root, "node_modules/.bin"), process.env.PATH].join(delimiter);
process.exitCode = await run(localNode, [...commands[name], ...args], {
  stdio: "inherit",
  env: { ...process.env, PATH: path },
});

/** Whether what is installed is what the lockfile says. Costs two small reads. */
function isInstalled() {
  if (!existsSync(localNode) || !existsSync(installedLockfile)) return false;
  // pnpm keeps the lockfile that it installed from, so an install by hand counts too. Where it keeps only a part of it,
  // our own stamp tells.
  if (readFileSync(installedLockfile).equals(readFileSync(lockfile))) return true;
  return existsSync(stamp) && readFileSync(stamp, "utf8") === installState();
}

function installState() {
  const hash = createHash("sha256");
  for (const file of [lockfile, installedLockfile]) hash.update(readFileSync(file));
  return hash.digest("hex");
}

async function install() {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  console.log("Installing… (once; half a minute on a good connection)");
  const output = [];
  const code = await run("npx", ["-y", manifest.packageManager, "install", "--frozen-lockfile"], {
    // Piped, so that the newcomer reads it only when something went wrong. CI: nobody is there to be asked.
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      CI: "true",
      // `npm run -s` would silence the reason of a failure, and npm's own waits make "no network" take over a minute.
      npm_config_loglevel: "error",
      npm_config_fetch_retry_mintimeout: "1000",
      npm_config_fetch_retry_maxtimeout: "5000",
    },
    shell: process.platform === "win32",
    onOutput: (chunk) => output.push(chunk),
  });
  if (code === 0 && existsSync(localNode)) {
    writeFileSync(stamp, installState());
    return;
  }
  const text = Buffer.concat(output).toString("utf8");
  console.error(text);
  const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT|META_FETCH_FAIL|dns error/i;
  console.error(
    offline.test(text)
      ? "The install failed: the package registry cannot be reached. Check the network, then run the same command again."
      : "The install failed; what it printed is above.",
  );
  process.exit(code > 128 ? code : 1);
}

/**
 * Runs a program to its end.
 *
 * @returns its exit code, or 128 and the number of the signal that ended it, as a shell has it
 */
function run(program, programArgs, { onOutput, ...options }) {
  return new Promise((resolve) => {
    const child = spawn(program, programArgs, { cwd: root, ...options });
    // A terminal sends Ctrl-C to the child as well; passing it on would make it two, and the second often means "at once".
    const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
      process.on(signal, () => (signal === "SIGINT" && terminal) || child.kill(signal));
    // npm starts us through a shell that dies of a SIGTERM without passing it on. Under npm, losing the parent is that signal.
    const parent = process.ppid;
    if (process.env.npm_lifecycle_event) {
      const orphaned = setInterval(() => {
        if (process.ppid === parent) return;
        clearInterval(orphaned);
        child.kill("SIGTERM");
      }, 250).unref();
    }
    if (onOutput) for (const stream of [child.stdout, child.stderr]) stream.on("data", onOutput);
    child.on("error", (error) => {
      console.error(`${program} could not be started: ${error.message}`);
      resolve(1);
    });
    child.on("close", (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

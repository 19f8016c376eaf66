import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findNpm } from "./npm.ts";
import { startGroup } from "./process-group.ts";

const manifests = ["package.json", "package-lock.json"] as const;
const progressEveryMs = 3000;
const shownErrorCharacters = 500;

/** What {@link ensureOpenClaw} needs. */
export interface EnsureOpenClawOptions {
  /** Where installs are kept, one folder each. Default: `.cache/openclaw` of this repository. */
  cacheDir?: string;
  /** Takes one line at a time for a person who waits. Default: nothing is told. */
  onProgress?: (line: string) => void;
  /** Gives up: npm is ended, and nothing half installed stays behind. */
  signal?: AbortSignal;
}

/** OpenClaw is not there and could not be installed. The message says why, and what works without it. */
export class GatewayInstallError extends Error {
  override readonly name = "GatewayInstallError";

  /** @param reason why, in words that follow a colon */
  constructor(reason: string, options?: ErrorOptions) {
    super(`OpenClaw could not be installed: ${reason}; --gateway mock runs without the download.`, options);
  }
}

/**
 * Installs the pinned OpenClaw once, beside the lockfile that pins it and away from this repository's dependencies. Its
 * install scripts do not run. Later calls find it and return at once.
 *
 * The install is made in a folder of its own and renamed at the end, so an interrupted one leaves nothing that looks
 * finished, and two at the same time do not disturb each other.
 *
 * @returns the path of OpenClaw's entry, to be run by Node
 * @throws {GatewayInstallError} when npm is missing, the registry is out of reach, or npm fails
 * @throws the reason of `signal` when it was aborted
 *
 * @example
 * ```ts
 * const openclaw = await ensureOpenClaw({ onProgress: (line) => console.log(line) });
 * ```
 */
export async function ensureOpenClaw(options: EnsureOpenClawOptions = {}): Promise<string> {
  const { onProgress = () => {}, signal } = options;
  signal?.throwIfAborted();
  const cacheDir = options.cacheDir ?? fileURLToPath(new URL("../../../.cache/openclaw", import.meta.url));
  const lock = await readFile(manifestPath("package-lock.json"), "utf8");
  const folder = join(cacheDir, installId(lock));
  if (!(await exists(entryOf(folder)))) await installInto(folder, { cacheDir, lock, onProgress, signal });
  return entryOf(folder);
}

interface InstallContext {
  cacheDir: string;
  lock: string;
  onProgress: (line: string) => void;
  signal: AbortSignal | undefined;
}

async function installInto(folder: string, context: InstallContext): Promise<void> {
  const temporary = `${folder}.${process.pid}.tmp`;
  try {
    await removeAbandoned(context.cacheDir);
    await mkdir(temporary, { recursive: true });
    for (const name of manifests) await copyFile(manifestPath(name), join(temporary, name));
    await npmCi(temporary, context);
    if (!(await exists(entryOf(temporary))))
      throw new GatewayInstallError("npm ended well but left no openclaw");
    await publish(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function npmCi(folder: string, { lock, onProgress, signal }: InstallContext): Promise<void> {
  const npm = findNpm(process.env, process.platform);
  // A registry that is out of reach is told within seconds; npm's own patience is a minute and more.
  const retries = ["--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];
  let output = "";
  const group = await startGroup({
    command: npm.command,
    args: [...npm.args, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", ...retries],
    cwd: folder,
    env: process.env,
    shell: npm.shell,
    onOutput: (text) => (output += text),
  }).catch((error: unknown) => {
    throw new GatewayInstallError("npm could not be started; is it on the PATH", { cause: error });
  });

  signal?.addEventListener("abort", group.kill, { once: true });
  if (signal?.aborted === true) group.kill();
  const stopTelling = tellProgress(folder, lock, onProgress);
  const ended = await group.ended;
  stopTelling();
  signal?.removeEventListener("abort", group.kill);
  signal?.throwIfAborted();
  if (ended !== 0) throw new GatewayInstallError(reasonIn(output, ended));
}

function tellProgress(folder: string, lock: string, onProgress: (line: string) => void): () => void {
  const { version, packages } = contentsOf(lock);
  const startedAt = Date.now();
  onProgress(`Installing OpenClaw ${version}, once: 220 MB to download, 650 MB on disk.`);
  const timer = setInterval(() => {
    void countPackages(join(folder, "node_modules")).then((count) => {
      const seconds = Math.round((Date.now() - startedAt) / 1000);
      onProgress(`Installing OpenClaw ${version}: ${count} of about ${packages} packages, ${seconds} s`);
    });
  }, progressEveryMs);
  return () => clearInterval(timer);
}

/** Turns npm's output into the end of a sentence. The first line with a code says the cause; the rest is consequence. */
function reasonIn(output: string, ended: number | NodeJS.Signals): string {
  const code =
    /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENETUNREACH)\b/.exec(output);
  if (code !== null) return `npm could not reach its registry (${code[0]})`;
  if (/\bENOSPC\b/.test(output)) return "the disk is full (ENOSPC)";
  const lines = output.split("\n").map((line) => line.replace(/^npm (error|ERR!) ?/, "").trim());
  const told = lines
    .filter((line) => line !== "" && !line.startsWith("A complete log of this run"))
    .join(", ");
  return `npm ended with ${ended}${told === "" ? "" : ` (${told.slice(0, shownErrorCharacters)})`}`;
}

/** Moves the finished install to its place, unless another program was quicker: theirs is as good as ours. */
async function publish(temporary: string, folder: string): Promise<void> {
  try {
    await rename(temporary, folder);
  } catch (error) {
    if (!(await exists(entryOf(folder)))) throw error;
  }
}

/** Removes what an installer that was killed outright could not remove itself. */
async function removeAbandoned(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir).catch(() => [])) {
    const pid = Number(/\.(\d+)\.tmp$/.exec(name)?.[1] ?? Number.NaN);
    if (!Number.isNaN(pid) && !isRunning(pid))
      await rm(join(cacheDir, name), { recursive: true, force: true, maxRetries: 5 });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, and is somebody else's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Packages with binaries differ by machine, and a repository may be shared by several, say through a container. */
function installId(lock: string): string {
  return createHash("sha256")
    .update(`${process.platform}-${process.arch}\n${lock}`)
    .digest("hex")
    .slice(0, 12);
}

function contentsOf(lock: string): { version: string; packages: number } {
  const { packages } = JSON.parse(lock) as {
    packages: Record<string, { version?: string; os?: string[]; cpu?: string[] }>;
  };
  const fitting = Object.entries(packages).filter(
    ([path, { os, cpu }]) =>
      path.lastIndexOf("node_modules/") === 0 &&
      (os?.includes(process.platform) ?? true) &&
      (cpu?.includes(process.arch) ?? true),
  );
  return { version: packages["node_modules/openclaw"]?.version ?? "", packages: fitting.length };
}

/** Counts packages whose manifest is there: npm makes all folders first and fills them one by one. */
async function countPackages(nodeModules: string): Promise<number> {
  const names = await readdir(nodeModules).catch(() => []);
  const scopes = names.filter((name) => name.startsWith("@"));
  const scoped = await Promise.all(
    scopes.map(async (scope) => {
      const inScope = await readdir(join(nodeModules, scope)).catch(() => []);
      return inScope.map((name) => join(scope, name));
    }),
  );
  const folders = [...names.filter((name) => !name.startsWith("@")), ...scoped.flat()];
  const filled = await Promise.all(folders.map((name) => exists(join(nodeModules, name, "package.json"))));
  return filled.filter(Boolean).length;
}

function manifestPath(name: (typeof manifests)[number]): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

function entryOf(folder: string): string {
  return join(folder, "node_modules", "openclaw", "openclaw.mjs");
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

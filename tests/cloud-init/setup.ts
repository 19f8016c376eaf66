import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";

/** The Debian roots that user-data is tried on, each with the cloud-init of its release. */
export type Release = "bookworm" | "trixie";

declare module "vitest" {
  interface ProvidedContext {
    /** A folder with a Debian root for each release; null when there is none, and what needs one is skipped. */
    roots: Record<Release, string> | null;
    /** Whether `shellcheck` is there. */
    shellcheck: boolean;
  }
}

const common =
  "ca-certificates,cloud-init,gpg,iproute2,iptables,openssh-server,procps,python3,sudo,systemd,unattended-upgrades";
const packages: Record<Release, string> = {
  bookworm: common,
  // The packages that `renderCloudInit` names, so that the real compose reads our file. No dockerd runs here.
  trixie: `${common},docker-cli,docker-compose`,
};
const cache = resolve(".cache/cloud-init");

/**
 * Makes the roots, once for all runs, and unpacks them for this one.
 *
 * @returns removes what it unpacked
 * @throws {Error} with CI set, when something cannot be had; elsewhere the tests that need it are skipped
 */
export default async function setup(project: TestProject): Promise<() => void> {
  const missing = missingTools();
  if (missing.length > 0 && isSet(process.env["CI"])) install(missing);
  const shellcheck = isInstalled("shellcheck");
  if (!shellcheck) skip("shellcheck");
  project.provide("shellcheck", shellcheck);

  const reason = whyNoRoots();
  if (reason !== null) {
    skip(reason);
    project.provide("roots", null);
    return () => {};
  }
  const folder = mkdtempSync(join(tmpdir(), "lobster-cloud-init-"));
  const [bookworm, trixie] = await Promise.all([unpack("bookworm", folder), unpack("trixie", folder)]);
  project.provide("roots", { bookworm, trixie });
  return () => rmSync(folder, { recursive: true });
}

function missingTools(): string[] {
  return ["mmdebstrap", "shellcheck"].filter((tool) => !isInstalled(tool));
}

/** What is missing for a root, in a word; null when nothing is. */
function whyNoRoots(): string | null {
  if (process.platform !== "linux") return "Linux";
  if (process.getuid?.() !== 0) return "root";
  return ["mmdebstrap", "unshare", "nsenter", "chroot"].find((tool) => !isInstalled(tool)) ?? null;
}

function skip(what: string): void {
  if (isSet(process.env["CI"])) throw new Error(`In CI this suite needs ${what}.`);
  console.log(`skipped: no ${what}`);
}

function isInstalled(tool: string): boolean {
  const folders = (process.env["PATH"] ?? "").split(":");
  return folders.some((folder) => existsSync(join(folder, tool)));
}

function install(tools: string[]): void {
  const options = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  execFileSync("apt-get", ["update", "-qq"], options);
  execFileSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...tools], options);
}

/** Unpacks the root of a release; makes it first when it is not there, or was made of other packages. */
async function unpack(release: Release, parent: string): Promise<string> {
  const tar = join(cache, `${release}-${fingerprintOf(packages[release])}.tar`);
  if (!existsSync(tar)) {
    console.log(`Making a root of Debian ${release} …`);
    mkdirSync(cache, { recursive: true });
    // Under another name until it is whole: a run that is interrupted leaves no half of one.
    const partial = `${tar}.${process.pid}`;
    await run("mmdebstrap", [
      "--quiet",
      "--variant=apt",
      `--include=${packages[release]}`,
      "--format=tar",
      release,
      partial,
    ]);
    renameSync(partial, tar);
  }
  const folder = join(parent, release);
  mkdirSync(folder);
  await run("tar", ["--extract", "--file", tar, "--directory", folder, "--exclude=./dev/*"]);
  return folder;
}

function fingerprintOf(list: string): string {
  let hash = 0;
  for (const character of list) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return hash.toString(36);
}

async function run(command: string, args: string[]): Promise<void> {
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  const said: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
  const code = await new Promise<number | null>((settle, reject) => {
    child.on("error", reject);
    child.on("close", settle);
  });
  if (code !== 0)
    throw new Error(`${command} ended with ${code}: ${Buffer.concat(said).toString().slice(-2_000)}`);
}

function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== "" && variable !== "false" && variable !== "0";
}

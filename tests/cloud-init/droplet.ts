import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { inject } from "vitest";
import type { Release } from "./setup.ts";
import { standIns } from "./stand-ins.ts";

/** A phase as it reached the control plane. */
interface Beacon {
  phase: string;
  ok: boolean;
  stderrTail?: string;
  /** Who it said it was. */
  token: string;
  /** Arguments and environments of all processes of the droplet at that moment. */
  processes: string[];
}

/** A Debian root that is a droplet to what runs in it: with mounts, processes, a network and a host name of its own. */
export interface Droplet {
  /** What reached the control plane, in order. */
  beacons: Beacon[];
  /** Runs a command in it. */
  run(...command: string[]): Promise<{ code: number | null; stdout: string; stderr: string }>;
  /** Runs a script of bash in it, and gives what it printed. It must succeed. */
  sh(script: string): Promise<string>;
  /** Writes a file into it, for root alone. */
  write(file: string, content: string): Promise<void>;
  /** Boots it: cloud-init's stages, one after another. */
  boot(): Promise<void>;
  /** Ends everything in it, and leaves nothing behind. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The port of the control plane, in the droplet's own network. */
const port = 8_080;
/** The URL of the control plane, as it is said to the droplet. */
export const controlPlaneUrl = `http://127.0.0.1:${port}/lobster`;

/** All of it is gone with its first process, and that goes with whoever holds its standard input: us. */
const world = ["--mount", "--uts", "--ipc", "--net", "--pid", "--fork", "--kill-child"];
const prepare = String.raw`
set -eu
root=$1; upper=$2; merged=$3
mount --make-rprivate /
mount -t tmpfs tmpfs "$upper"
mkdir "$upper/upper" "$upper/work"
mount -t overlay -o "lowerdir=$root,upperdir=$upper/upper,workdir=$upper/work" overlay "$merged"
mount -t proc proc /proc
mount --bind /proc "$merged/proc"
mount -t sysfs -o ro sysfs "$merged/sys"
mount -t tmpfs tmpfs "$merged/run"
# Devices without a disk: nothing in there may find the one of this machine.
mount -t tmpfs -o mode=0755 tmpfs "$merged/dev"
for device in null:3 zero:5 full:7 random:8 urandom:9; do
  mknod -m 0666 "$merged/dev/$(echo $device | cut -d: -f1)" c 1 "$(echo $device | cut -d: -f2)"
done
ln -s /proc/self/fd "$merged/dev/fd"
ln -s null "$merged/dev/console"
ip link set lo up
hostname droplet
echo ready
exec cat
`;

/**
 * Makes a droplet with user-data.
 *
 * @param release whose root it has
 * @param userData what cloud-init finds
 * @param refusals how many requests its control plane refuses before it takes one
 */
export async function makeDroplet(release: Release, userData: string, refusals = 0): Promise<Droplet> {
  const root = inject("roots")?.[release] ?? "";
  const folder = mkdtempSync(join(tmpdir(), "lobster-droplet-"));
  const merged = join(folder, "root");
  mkdirSync(merged);
  mkdirSync(join(folder, "upper"));
  const holder = spawn(
    "unshare",
    [...world, "sh", "-c", prepare, "sh", root, join(folder, "upper"), merged],
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  const ended = [new Promise((settle) => holder.once("close", settle))];
  const dispose = async (): Promise<void> => {
    // What else runs in there, the control plane as well, is killed with its first process.
    holder.stdin.end();
    await Promise.all(ended);
    rmSync(folder, { recursive: true });
  };
  try {
    await firstLine(holder);
    return await fill();
  } catch (error) {
    await dispose();
    throw error;
  }

  async function fill(): Promise<Droplet> {
    const inside = ["--target", firstProcess(holder), "--mount", "--uts", "--ipc", "--net", "--pid"];

    const run = (...command: string[]) => runWith("", ...command);
    async function runWith(input: string, ...command: string[]) {
      const args = [...inside, "--", "chroot", merged, "env", "-i", path, ...command];
      return await collect(spawn("nsenter", args), input);
    }
    async function write(file: string, content: string, mode = "0600"): Promise<void> {
      const { code, stderr } = await runWith(content, "sh", "-euc", save, "sh", file, mode);
      if (code !== 0) throw new Error(`${file}: ${stderr}`);
    }
    async function sh(script: string): Promise<string> {
      const { code, stdout, stderr } = await run("bash", "--norc", "-euc", script);
      if (code !== 0) throw new Error(`${script}\nended with ${code}: ${stdout}${stderr}`);
      return stdout;
    }

    const node = [
      process.execPath,
      "--conditions=@lobstercontrol/source",
      "--disable-warning=ExperimentalWarning",
    ];
    const script = join(import.meta.dirname, "control-plane.ts");
    const server = spawn("nsenter", [...inside, "--", ...node, script, String(port), String(refusals)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    ended.push(new Promise((settle) => server.once("close", settle)));
    const beacons: Beacon[] = [];
    await firstLine(server, (line) => beacons.push(JSON.parse(line) as Beacon));

    await sh("mkdir /recorded");
    await write("/var/lib/cloud/seed/nocloud/user-data", userData);
    await write("/var/lib/cloud/seed/nocloud/meta-data", "instance-id: droplet-1\nlocal-hostname: droplet\n");
    await write("/etc/cloud/cloud.cfg.d/99-suite.cfg", settings, "0644");
    for (const [name, text] of Object.entries(standIns)) await write(`/usr/local/sbin/${name}`, text, "0755");

    return {
      beacons,
      run,
      sh,
      write,
      async boot() {
        for (const stage of [
          ["init", "--local"],
          ["init"],
          ["modules", "--mode=config"],
          ["modules", "--mode=final"],
        ])
          await run("cloud-init", ...stage);
      },
      [Symbol.asyncDispose]: dispose,
    };
  }
}

const save = 'umask 077; mkdir -p "$(dirname "$1")"; cat >"$1"; chmod "$2" "$1"';

/** Where cloud-init looks, and what it must leave alone: the network and the disk are not a droplet's. */
const settings = `datasource_list: [NoCloud, None]
network: { config: disabled }
locale: false
growpart: { mode: "off" }
resize_rootfs: false
ssh_genkeytypes: [ed25519]
`;

const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The first process inside, by its number outside: the only child of `unshare`. */
function firstProcess({ pid }: ChildProcess): string {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
}

async function firstLine(child: ChildProcess, onLater: (line: string) => void = () => {}): Promise<void> {
  if (child.stdout === null) throw new Error("The child has no standard output.");
  const lines = createInterface({ input: child.stdout });
  await new Promise<void>((settle, reject) => {
    child.once("close", (code) => reject(new Error(`It ended with ${code}.`)));
    lines.once("line", () => {
      lines.on("line", onLater);
      settle();
    });
  });
}

async function collect(
  child: ChildProcess,
  input: string,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const read = (stream: ChildProcess["stdout"]): Buffer[] => {
    const chunks: Buffer[] = [];
    stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
    return chunks;
  };
  const stdout = read(child.stdout);
  const stderr = read(child.stderr);
  // A command that ends before it has read its input is not the one that failed.
  child.stdin?.on("error", () => {}).end(input);
  const code = await new Promise<number | null>((settle, reject) => {
    child.on("error", reject);
    child.on("close", settle);
  });
  return { code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}

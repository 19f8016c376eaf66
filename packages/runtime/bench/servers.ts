/** PostgreSQL and Redis of this machine, started for one benchmark in folders of their own, as durable as SQLite is here. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, globSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { join } from "node:path";

/** A server for one benchmark. */
export interface BenchServer {
  /** How a client reaches it. */
  url: string;
  /** What it runs as, for the report. */
  version: string;
  /** Ends the process and removes its files. */
  stop(): Promise<void>;
}

const cache = join(import.meta.dirname, "../../../.cache/bench");

/** PostgreSQL with fsync and synchronous_commit on, which is its default; null when the machine has none. */
export async function startPostgres(): Promise<BenchServer | null> {
  const programs = globSync("/usr/lib/postgresql/*/bin").toSorted().at(-1);
  if (programs === undefined) return null;
  const folder = folderFor("postgres-");
  // It does not run as root.
  const owner = process.getuid?.() === 0 ? idsOf("postgres") : null;
  if (owner !== null) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, "data");
  const port = await freePort();
  execFileSync(join(programs, "initdb"), ["-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8"], {
    ...owner,
    stdio: "ignore",
  });
  const options = ["-h", "127.0.0.1", "-p", String(port), "-k", folder, "-c", "max_connections=200"];
  const child = spawn(join(programs, "postgres"), ["-D", data, ...options], { ...owner, stdio: "ignore" });
  await answers(port, child);
  const version = execFileSync(join(programs, "postgres"), ["--version"]).toString().trim();
  const url = `postgres://bench@127.0.0.1:${port}/postgres`;
  for (let tries = 0; ; tries++) {
    try {
      execFileSync(join(programs, "psql"), [url, "-c", "SELECT 1"], { stdio: "ignore" });
      break;
    } catch (error) {
      if (tries === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return { url, version, stop: () => stop(child, "SIGINT", folder) };
}

/** Redis that writes and fsyncs every command before it answers, as the others do; null when the machine has none. */
export async function startRedis(): Promise<BenchServer | null> {
  const program = "/usr/bin/redis-server";
  if (!existsSync(program)) return null;
  const folder = folderFor("redis-");
  const port = await freePort();
  const settings = {
    bind: "127.0.0.1",
    port,
    dir: folder,
    appendonly: "yes",
    appendfsync: "always",
    save: "",
  };
  const child = spawn(
    program,
    Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
    { stdio: "ignore" },
  );
  await answers(port, child);
  const version = execFileSync(program, ["--version"]).toString().split(" sha=")[0]!.trim();
  return { url: `redis://127.0.0.1:${port}`, version, stop: () => stop(child, "SIGTERM", folder) };
}

/** Beside the repository and not in the temporary folder, which may be in memory and make every commit free. */
function folderFor(prefix: string): string {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, prefix));
  chmodSync(folder, 0o700);
  return folder;
}

function idsOf(user: string): { uid: number; gid: number } {
  const id = (flag: string): number => Number(execFileSync("id", [flag, user]).toString());
  return { uid: id("-u"), gid: id("-g") };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

async function answers(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = createConnection({ port, host: "127.0.0.1" });
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing answers on port ${port}`);
}

async function stop(child: ChildProcess, signal: NodeJS.Signals, folder: string): Promise<void> {
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
  rmSync(folder, { recursive: true, force: true });
}

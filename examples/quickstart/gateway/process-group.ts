import { spawn, spawnSync, type ChildProcess } from "node:child_process";

const windows = process.platform === "win32";

/** A process with everything that it starts, so that all of it can be ended at once. */
export interface ProcessGroup {
  /** The process that was started, which leads the group. */
  pid: number;
  /** Resolves when that process has ended: its exit code, or the signal that ended it. Never rejects. */
  ended: Promise<number | NodeJS.Signals>;
  /** Asks the leading process alone to end; it ends its children itself. */
  terminate: () => void;
  /** Ends every process of the group, now. Does nothing when none is left. */
  kill: () => void;
}

/** What {@link startGroup} needs. */
export interface ProcessGroupOptions {
  /** The program; it is not looked up by a shell, unless `shell` is set. */
  command: string;
  /** Its arguments. Never a secret: other users of the machine can read them. */
  args: readonly string[];
  /** The folder that it runs in. */
  cwd: string;
  /** Its whole environment; nothing is inherited beside it. */
  env: NodeJS.ProcessEnv;
  /** Whether a shell is needed to find the command: for `.cmd` files on Windows. */
  shell?: boolean;
  /** Takes its output, both streams, as it comes. */
  onOutput: (text: string) => void;
}

/**
 * Starts a process in a group of its own. The group does not outlive this program's own exit, but a signal that ends
 * this program outright (Ctrl-C without a handler, SIGKILL) leaves it running: handle SIGINT, and call `kill`.
 *
 * @throws {Error} the operating system's, with its `code`, when the program cannot be started
 */
export async function startGroup(options: ProcessGroupOptions): Promise<ProcessGroup> {
  const child = spawn(options.command, [...options.args], {
    cwd: options.cwd,
    env: options.env,
    shell: options.shell ?? false,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own on POSIX; on Windows it would open a window, and taskkill knows the tree anyway.
    detached: !windows,
    windowsHide: true,
  });
  const pid = await started(child);
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => options.onOutput(text));

  let over = false;
  const kill = () => {
    // Later its number may be somebody else's.
    if (!over) killGroup(pid);
  };
  process.once("exit", kill);
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once("exit", (code, signal) => {
      process.off("exit", kill);
      // What the leader left behind is nobody's any more.
      if (!windows) killGroup(pid);
      over = true;
      resolve(signal ?? code ?? 0);
    });
  });
  // Windows knows no polite signal, and ending the leader alone would leave its children.
  const terminate = () => (windows ? kill() : void child.kill("SIGTERM"));
  return { pid, ended, kill, terminate };
}

function started(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("spawn", () => resolve(child.pid ?? 0));
  });
}

function killGroup(pid: number): void {
  if (windows) {
    spawnSync("taskkill", ["/pid", String(pid), "/t", "/f"], { stdio: "ignore" });
    return;
  }
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody is left in it.
  }
}

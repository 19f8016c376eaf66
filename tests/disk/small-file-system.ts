import { spawnSync } from "node:child_process";

/** A mount namespace of our own: what is mounted there is gone with the process, whatever happens. */
const namespace = ["--mount", ...(process.getuid?.() === 0 ? [] : ["--map-root-user"])];

/** Whether this machine lets us mount. */
export const canMount =
  spawnSync("unshare", [...namespace, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;
if (!canMount)
  console.log("skipped: no right to mount a file system in a namespace (needs Linux and unshare)");

/**
 * The command that runs a script of ours with a small file system at a folder.
 *
 * @param folder where it is mounted
 * @param size as `mount` takes it, such as `12m`
 * @param script the script, and its arguments
 */
export function inSmallFileSystem(
  folder: string,
  size: string,
  ...script: string[]
): [command: string, ...args: string[]] {
  const mountAndRun = 'mount -t tmpfs -o size="$2" tmpfs "$1" && shift 2 && exec "$@"';
  const node = [
    process.execPath,
    "--conditions=@lobstercontrol/source",
    "--disable-warning=ExperimentalWarning",
  ];
  return ["unshare", ...namespace, "sh", "-c", mountAndRun, "sh", folder, size, ...node, ...script];
}

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";

/** A mount namespace of our own: the small file system is gone with the process, whatever happens. */
const namespace = ["--mount", ...(process.getuid?.() === 0 ? [] : ["--map-root-user"])];
const canMount = spawnSync("unshare", [...namespace, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;
if (!canMount)
  console.log("skipped: no right to mount a file system in a namespace (needs Linux and unshare)");

it.runIf(canMount)(
  "promise 1 on a full disk: what was answered is kept, the rest is refused, and it recovers",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "lobster-disk-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const script = join(import.meta.dirname, "fill.ts");
    const output = execFileSync("unshare", [
      ...namespace,
      "sh",
      "-c",
      'mount -t tmpfs -o size=12m tmpfs "$1" && exec "$2" --conditions=@lobstercontrol/source "$3" "$1"',
      "sh",
      folder,
      process.execPath,
      script,
    ]);

    const result: unknown = JSON.parse(output.toString());
    const refused = {
      code: "ERR_DATABASE",
      retryable: true,
      hint: expect.stringContaining("Free some space"),
    };
    expect(result).toMatchObject({
      full: refused,
      whileFull: [refused, refused],
      afterFreeing: null,
      lost: 0,
      strangers: 0,
    });
    expect((result as { answeredWhenFull: number }).answeredWhenFull).toBeGreaterThan(10);
  },
);

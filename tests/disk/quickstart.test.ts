import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { canMount, inSmallFileSystem } from "./small-file-system.ts";

it.runIf(canMount)("the quickstart says in a sentence that the disk is full, and exits 1", () => {
  const folder = mkdtempSync(join(tmpdir(), "lobster-disk-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const main = join(import.meta.dirname, "../../examples/quickstart/main.ts");
  const [command, ...args] = inSmallFileSystem(folder, "96k", main, "--gateway", "mock");
  const { status, stderr } = spawnSync(command, args, {
    env: { PATH: process.env["PATH"], TMPDIR: folder },
    encoding: "utf8",
  });
  expect(stderr).toContain("full");
  expect(stderr).toContain("Free some space on the disk");
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(status).toBe(1);
});

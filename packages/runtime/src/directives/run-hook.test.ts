import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { runHook } from "./run-hook.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "lobster-"))));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function hook(script: string): string {
  const path = join(folder, "hook");
  writeFileSync(path, `#!/bin/sh\ncd ${folder}\n${script}\n`);
  chmodSync(path, 0o700);
  return path;
}

it("gets the version on its standard input, no argument, and nothing of the environment but where programs are", async () => {
  vi.stubEnv("SERVICE_TOKEN", "canary-of-the-environment");
  await runHook(hook('cat > input; echo "$#" > count; env > env'), "sha256:abc $(touch x)", 5_000);
  expect(readFileSync(join(folder, "input"), "utf8")).toBe("sha256:abc $(touch x)\n");
  expect(readFileSync(join(folder, "count"), "utf8")).toBe("0\n");
  expect(readFileSync(join(folder, "env"), "utf8")).not.toContain("canary");
});

it("is told by its exit code, whatever it prints and whether it reads", async () => {
  await runHook(hook("echo much; echo more >&2"), "v2", 5_000);
  await expect(runHook(hook("exit 3"), "v2", 5_000)).rejects.toThrow("the hook ended with 3");
});

it("is ended when it takes too long", async () => {
  await expect(runHook(hook("exec sleep 60"), "v2", 100)).rejects.toThrow("ended by SIGKILL");
});

it("that is not there, or no program, is told", async () => {
  await expect(runHook(join(folder, "nothing"), "v2", 5_000)).rejects.toThrow(
    "could not be started (ENOENT)",
  );
  writeFileSync(join(folder, "text"), "text");
  await expect(runHook(join(folder, "text"), "v2", 5_000)).rejects.toThrow("could not be started (EACCES)");
});

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { canMount, inSmallFileSystem } from "./small-file-system.ts";

it.runIf(canMount)(
  "promise 1 on a full disk: what was answered is kept, the rest is refused, and it recovers",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "lobster-disk-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const [command, ...args] = inSmallFileSystem(folder, "12m", join(import.meta.dirname, "fill.ts"), folder);

    const result: unknown = JSON.parse(execFileSync(command, args).toString());
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

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { keyRingFromEnv } from "@lobstercontrol/secrets";
import { expect, it } from "vitest";

const main = join(import.meta.dirname, "../src/cli/main.ts");

function cli(args: string[], input = "") {
  const node = ["--conditions=@lobstercontrol/source", main];
  // In a folder that knows of no control plane.
  const cwd = import.meta.dirname;
  return spawnSync(process.execPath, [...node, ...args], { encoding: "utf8", input, cwd });
}

it("is a program: a result on standard output, the rest beside it, and an exit code", () => {
  const { status, stdout, stderr } = cli(["keygen"]);
  expect(status).toBe(0);
  expect(keyRingFromEnv({ SECRETS_MASTER_KEY_BASE64: stdout }).keys).toHaveLength(1);
  expect(stderr).toMatch(/^A master key: /);
  expect(cli(["nonsense"])).toMatchObject({ status: 2, stdout: "" });
});

it("reads standard input", () => {
  const { status, stdout } = cli(["inspect"], "lce1.k1.0.AA.AA\n");
  expect([status, stdout]).toEqual([0, '{"version":1,"keyId":"k1","created":"1970-01-01T00:00:00.000Z"}\n']);
});

it("says what it needs for a control plane's file", () => {
  const env = { SECRETS_MASTER_KEY_BASE64: cli(["keygen"]).stdout };
  const doctor = (path: string) =>
    spawnSync(process.execPath, ["--conditions=@lobstercontrol/source", main, "doctor", "--db", path], {
      encoding: "utf8",
      cwd: import.meta.dirname,
      // What pnpm puts there would find every package of this repository.
      env: { ...process.env, NODE_PATH: "", ...env },
    });
  expect(doctor("missing.db")).toMatchObject({
    status: 2,
    stderr: "The file that --db names does not exist.\n",
  });
  expect(doctor(main)).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^This needs @lobstercontrol\/sqlite/),
  });
});

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "@lobstercontrol/core";
import { createKeyRing, createVault, generateMasterKey, type KeyRingKey } from "@lobstercontrol/secrets";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import { expect, it, onTestFinished } from "vitest";

const cli = join(import.meta.dirname, "../../secrets/src/cli/main.ts");
const old = generateMasterKey();
const fresh = generateMasterKey();
const count = 150;
const rotating = `new:active:${fresh.reveal()},old:decryptOnly:${old.reveal()}`;
const vaultOf = (...keys: KeyRingKey[]) => createVault({ keyRing: createKeyRing({ keys }) });

/** The command of the secrets package, as a process in this package's folder, which knows of this package. */
async function command(args: string[], keys: string, onNote?: (line: string, kill: () => void) => void) {
  const child = spawn(process.execPath, ["--conditions=@lobstercontrol/source", cli, ...args], {
    cwd: import.meta.dirname,
    env: { ...process.env, SECRETS_KEYS: keys, NODE_OPTIONS: "--disable-warning=ExperimentalWarning" },
  });
  let out = "";
  let notes = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => {
    notes += chunk.toString();
    onNote?.(notes.trimEnd().split("\n").at(-1)!, () => child.kill("SIGKILL"));
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, out, notes };
}

it("rewraps a file while it is in use, killed in the middle of it and started again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lobster-"));
  const path = join(folder, "lobster.db");
  const both = vaultOf(
    { id: "new", secret: fresh, status: "active" },
    { id: "old", secret: old, status: "decryptOnly" },
  );
  const sealing = createSqliteControlPlane({
    path,
    vault: vaultOf({ id: "old", secret: old, status: "active" }),
  });
  const accounts = Array.from({ length: count }, (_, index) => `account-${index}`);
  for (const account of accounts) {
    await sealing.platform.upsertAccount({ account });
    const key = new Secret(`a-key-of-${account}`);
    await sealing.admin({ id: "u" }, account).upsertProviderKey({ provider: "my-own", key });
  }
  sealing.close();

  const serving = createSqliteControlPlane({ path, vault: both });
  onTestFinished(() => {
    serving.close();
    rmSync(folder, { recursive: true });
  });
  const ports = await Promise.all(
    accounts.map(async (account) =>
      serving.runtime((await serving.admin({ id: "u" }, account).issueServiceToken()).token),
    ),
  );
  const done = new AbortController();
  const reading = (async () => {
    for (let round = 0; !done.signal.aborted; round++) {
      const index = round % accounts.length;
      const { keys } = await ports[index]!.providerKeys();
      expect(keys.map(({ key }) => key.reveal())).toEqual([`a-key-of-${accounts[index]}`]);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  })();

  const killed = await command(["rewrap", "--db", path, "--batch", "1"], rotating, (line, kill) => {
    if (line.startsWith("5 seen")) kill();
  });
  expect(killed.code).toBeNull();
  const { out: between } = await command(["doctor", "--db", path], rotating);
  expect(between).toMatch(
    new RegExp(`${count} provider keys: (\\d+ under new, \\d+ under old|\\d+ under old, \\d+ under new)\n`),
  );

  const again = await command(["rewrap", "--db", path, "--batch", "7"], rotating);
  expect(again).toMatchObject({
    code: 0,
    out: expect.stringMatching(`^${count} seen, \\d+ rewrapped, 0 rejected\n$`),
  });
  done.abort();
  await reading;
  expect(await command(["doctor", "--db", path], `new:active:${fresh.reveal()}`)).toMatchObject({
    code: 0,
    out: `${count} provider keys: ${count} under new\n0 undecryptable, 0 under an old key, 0 in clear\n`,
  });
}, 30_000);

import { beforeEach, describe, expect, it } from "vitest";
import { createKeyRing } from "../key-ring.ts";
import { keyRingFromEnv } from "../key-ring-from-env.ts";
import { createProviderKeys } from "../provider-keys/create-provider-keys.ts";
import { toBase64 } from "../test-bytes.ts";
import { contextOf, masterKey, ringKey, vaultOf } from "../test-vault.ts";
import { createMemorySecretStore, type MemorySecretStore } from "../testing/memory-secret-store.ts";
import { createVault } from "../vault.ts";
import type { Io } from "./io.ts";
import { run } from "./run.ts";

const secret = toBase64(masterKey(1));
const newSecret = toBase64(masterKey(2));
const key = `sk-ant-${"not-a-key-".repeat(3)}`;
const rotating = { SECRETS_KEYS: `new:active:${newSecret},master:decryptOnly:${secret}` };

let store: MemorySecretStore;
let opened: string[];
let closed: number;

async function cli(args: string[], own: { env?: Io["env"]; input?: string } = {}) {
  const out: string[] = [];
  const notes: string[] = [];
  const code = await run(args, {
    env: own.env ?? { SECRETS_MASTER_KEY_BASE64: secret },
    readInput: async () => own.input ?? "",
    out: (line) => out.push(line),
    note: (line) => notes.push(line),
    openStore: async (path) => {
      opened.push(path);
      return { store, close: () => void (closed += 1) };
    },
  });
  return { code, out, notes, all: [...out, ...notes].join("\n") };
}

beforeEach(async () => {
  store = createMemorySecretStore();
  opened = [];
  closed = 0;
  const keys = createProviderKeys({ vault: vaultOf(ringKey("master", 1)), store });
  for (const account of ["a", "b", "c"]) {
    store.addAccount(account);
    await keys.upsert({ account, provider: "anthropic", key, actor: { id: "u" } });
  }
});

describe("keygen", () => {
  it("prints a master key, alone on standard output", async () => {
    const { code, out } = await cli(["keygen"], { env: {} });
    expect(code).toBe(0);
    expect(out).toHaveLength(1);
    expect(keyRingFromEnv({ SECRETS_MASTER_KEY_BASE64: out[0] }).activeKeyId).toBe("master");
    expect((await cli(["keygen"])).out).not.toEqual(out);
  });
});

describe("inspect", () => {
  it("says what an envelope on standard input says of itself", async () => {
    const sealing = createVault({
      keyRing: createKeyRing({ keys: [ringKey("2026-11", 1)] }),
      clock: { now: () => 1_764_000_000_000 },
    });
    const input = `${await sealing.seal("hunter2", contextOf())}\n`;
    const { code, out } = await cli(["inspect"], { input, env: {} });
    expect(code).toBe(0);
    expect(out).toEqual(['{"version":1,"keyId":"2026-11","created":"2025-11-24T16:00:00.000Z"}']);
  });

  it("does not repeat what is no envelope", async () => {
    const { code, all } = await cli(["inspect"], { input: key });
    expect(code).toBe(2);
    expect(all).toBe("What came on standard input is no envelope that this version reads.");
  });
});

describe("doctor", () => {
  it("is content when all opens under the active key", async () => {
    const { code, out, notes } = await cli(["doctor", "--db", "lobster.db"]);
    expect(out).toEqual([
      "3 provider keys: 3 under master",
      "0 undecryptable, 0 under an old key, 0 in clear",
    ]);
    expect([code, notes, opened, closed]).toEqual([0, [], ["lobster.db"], 1]);
  });

  it("tells what it found, without a part of it", async () => {
    const [first, second] = [...store.records.values()];
    first!.envelope = key;
    second!.envelope = "garbage";
    const { code, out, all } = await cli(["doctor", "--db", "lobster.db"], { env: rotating });
    expect(code).toBe(1);
    expect(
      out.map((line) => line.replace(/ \(pky_[^)]*\)/, "")).toSorted((a, b) => (a < b ? -1 : 1)),
    ).toEqual([
      "1 undecryptable, 1 under an old key, 1 in clear",
      "3 provider keys: 1 under master",
      'oldKey: provider key anthropic, account "c"',
      'plaintext: provider key anthropic, account "a"',
      'undecryptable: provider key anthropic, account "b"',
    ]);
    expect(all).not.toContain("not-a-key");
  });

  it("says of no account what belongs to none, and of nothing how many keys there are", async () => {
    store = createMemorySecretStore();
    store.texts = async function* () {
      yield { account: null, place: "a note", text: key };
    };
    expect((await cli(["doctor", "--db", "lobster.db"])).out).toEqual([
      "plaintext: a note",
      "0 provider keys",
      "0 undecryptable, 0 under an old key, 1 in clear",
    ]);
  });
});

describe("rewrap", () => {
  it("brings all under the active key, and tells how to go on if it is stopped", async () => {
    const { code, out, notes } = await cli(["rewrap", "--db", "lobster.db", "--batch", "2"], {
      env: rotating,
    });
    const ids = [...store.records.keys()].toSorted((a, b) => (a < b ? -1 : 1));
    expect(code).toBe(0);
    expect(out).toEqual(["3 seen, 3 rewrapped, 0 rejected"]);
    expect(notes).toEqual([
      `2 seen, 2 rewrapped; goes on with --after ${ids[1]}`,
      `3 seen, 3 rewrapped; goes on with --after ${ids[2]}`,
    ]);
    expect(closed).toBe(1);
    expect((await cli(["doctor", "--db", "x"], { env: rotating })).code).toBe(0);
  });

  it("goes on from where it was stopped", async () => {
    const [first] = [...store.records.keys()].toSorted((a, b) => (a < b ? -1 : 1));
    const { out } = await cli(["rewrap", "--db", "lobster.db", "--after", first!], { env: rotating });
    expect(out).toEqual(["2 seen, 2 rewrapped, 0 rejected"]);
  });

  it("tells by its exit code that something was rejected", async () => {
    [...store.records.values()][0]!.envelope = "garbage";
    const { code, out, notes } = await cli(["rewrap", "--db", "lobster.db"], { env: rotating });
    expect([code, out, notes.at(-1)]).toEqual([
      1,
      ["3 seen, 2 rewrapped, 1 rejected"],
      "What was rejected is as it was; `doctor` tells which.",
    ]);
  });

  it("closes the file when it fails", async () => {
    store.page = () => Promise.reject(new TypeError(`no ${key}`));
    const { code, all } = await cli(["rewrap", "--db", "lobster.db"]);
    expect([code, all, closed]).toEqual([2, "It failed unexpectedly (TypeError).", 1]);
    store.page = () => Promise.reject(key);
    expect((await cli(["doctor", "--db", "lobster.db"])).all).toBe("It failed unexpectedly (string).");
    expect(closed).toBe(2);
  });
});

describe("what cannot be done", () => {
  it.each(["doctor", "rewrap"])("is told with the way out: %s", async (command) => {
    expect(await cli([command])).toMatchObject({ code: 2, all: "Say which control plane: --db lobster.db" });
    const noRing = await cli([command, "--db", "x"], { env: { SECRETS_MASTER_KEY_BASE64: key } });
    expect(noRing.code).toBe(2);
    expect(noRing.all).toMatch(/^SECRETS_MASTER_KEY_BASE64: .*keygen/);
    expect(noRing.all).not.toContain("not-a-key");
    expect(opened).toEqual([]);
  });

  it("is told for a batch that is none", async () => {
    const { code, all } = await cli(["rewrap", "--db", "x", "--batch", "many"]);
    expect([code, all]).toEqual([
      2,
      "batch: must be a whole number from 1 to 1000. Correct the field and call again.",
    ]);
  });
});

describe("arguments", () => {
  it.each([[["--help"]], [["-h"]], [[]], [["help"]], [["doctor", "--help"]]])(
    "%j show the help",
    async (args) => {
      const { code, out } = await cli(args);
      expect(code).toBe(0);
      expect(out[0]).toMatch(/^Usage: npx @lobstercontrol\/secrets COMMAND/);
      expect(opened).toEqual([]);
    },
  );

  it.each([
    [["nonsense"], "There is no such command."],
    [["keygen", "more"], "These arguments are not understood."],
    [["keygen", "--verbose"], "These arguments are not understood."],
    [["doctor", "--db"], "These arguments are not understood."],
  ])("%j are told with the help, and not repeated", async (args, message) => {
    const { code, all } = await cli(args);
    expect(code).toBe(2);
    expect(all).toContain(message);
    expect(all).toContain("Usage:");
    expect(all).not.toMatch(/nonsense|verbose|more/);
  });

  it("are never secrets", async () => {
    const envelope = await vaultOf().seal("hunter2", contextOf());
    for (const value of [secret, secret.replace("=", ""), key, envelope]) {
      for (const args of [
        ["inspect", value],
        [value],
        ["doctor", "--db", value],
        ["rewrap", `--after=${value}`],
      ]) {
        const { code, all } = await cli(args);
        if (args.at(-1) === value) expect(all).toMatch(/^An argument looks like a secret\./);
        expect(code).toBe(2);
        expect(all).not.toContain(value);
      }
    }
  });
});

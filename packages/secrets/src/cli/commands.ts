import { createProviderKeys } from "../provider-keys/create-provider-keys.ts";
import { readEnvelope } from "../envelope.ts";
import { keyRingFromEnv } from "../key-ring-from-env.ts";
import { generateMasterKey } from "../master-key.ts";
import { createVault } from "../vault.ts";
import { UsageError, type Io } from "./io.ts";

/** What the options of a command may be. */
export interface CommandOptions {
  db?: string | undefined;
  batch?: string | undefined;
  after?: string | undefined;
}

/** Does what a command is for; gives the exit code. */
export type Command = (options: CommandOptions, io: Io) => Promise<number>;

/** Prints a new master key. */
const keygen: Command = async (_options, { out, note }) => {
  out(generateMasterKey().reveal());
  note(
    "A master key: keep it in SECRETS_MASTER_KEY_BASE64, and a copy where the database's backups are not.",
  );
  return 0;
};

/** Says what the envelope on standard input says of itself. */
const inspect: Command = async (_options, { readInput, out }) => {
  const header = readEnvelope((await readInput()).trim());
  if (header === null)
    throw new UsageError("What came on standard input is no envelope that this version reads.");
  const { version, keyId, created } = header;
  out(JSON.stringify({ version, keyId, created: new Date(Number(created)).toISOString() }));
  return 0;
};

/** Looks at all provider keys of a control plane. */
const doctor: Command = async ({ db }, io) => {
  const vault = createVault({ keyRing: keyRingFromEnv(io.env) });
  const { store, close } = await io.openStore(required(db));
  try {
    const { records, recordsByKey, found, findings } = await createProviderKeys({ vault, store }).doctor();
    for (const { problem, account, place } of findings)
      io.out(`${problem}: ${place}${account === null ? "" : `, account ${JSON.stringify(account)}`}`);
    const under = Object.entries(recordsByKey).map(([id, count]) => `${count} under ${id}`);
    io.out(`${records} provider keys${under.length === 0 ? "" : `: ${under.join(", ")}`}`);
    const { undecryptable, oldKey, plaintext } = found;
    io.out(`${undecryptable} undecryptable, ${oldKey} under an old key, ${plaintext} in clear`);
    return undecryptable + oldKey + plaintext > 0 ? 1 : 0;
  } finally {
    close();
  }
};

/** Brings all provider keys of a control plane under the active key. */
const rewrap: Command = async ({ db, batch, after }, io) => {
  const vault = createVault({ keyRing: keyRingFromEnv(io.env) });
  const { store, close } = await io.openStore(required(db));
  try {
    const { seen, rewrapped, rejected } = await createProviderKeys({ vault, store }).rewrapAll({
      ...(batch === undefined ? {} : { batch: Number(batch) }),
      ...(after === undefined ? {} : { cursor: after }),
      onProgress: (progress) =>
        io.note(
          `${progress.seen} seen, ${progress.rewrapped} rewrapped; goes on with --after ${progress.cursor}`,
        ),
    });
    io.out(`${seen} seen, ${rewrapped} rewrapped, ${rejected} rejected`);
    if (rejected > 0) io.note("What was rejected is as it was; `doctor` tells which.");
    return rejected > 0 ? 1 : 0;
  } finally {
    close();
  }
};

function required(db: string | undefined): string {
  if (db === undefined) throw new UsageError("Say which control plane: --db lobster.db");
  return db;
}

/** All commands, by name. */
export const commands: ReadonlyMap<string, Command> = new Map(
  Object.entries({ keygen, inspect, doctor, rewrap }),
);

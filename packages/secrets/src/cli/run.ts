import { parseArgs } from "node:util";
import { LobsterError } from "@lobstercontrol/core";
import { looksLikeKey } from "../provider-keys/key-form.ts";
import { commands, type CommandOptions } from "./commands.ts";
import { UsageError, type Io } from "./io.ts";

/** What `--help` says. */
const help = `Usage: npx @lobstercontrol/secrets COMMAND

  keygen                      prints a new master key
  inspect                     reads an envelope from standard input and says its format version, key and time
  doctor --db FILE            looks for provider keys that do not open or are under an old key, and for keys in clear
  rewrap --db FILE            brings all provider keys under the active key; can be stopped and started again
         [--batch 100] [--after CURSOR]

doctor and rewrap take the master keys from SECRETS_MASTER_KEY_BASE64 or SECRETS_KEYS, and the file from a SQLite control
plane. Secrets are never arguments. Exit codes: 0 fine, 1 something was found, 2 nothing could be done.`;

/** An envelope, 32 bytes in base64, or a provider key: what has no place among arguments. */
const secretArgument = /^(?:lce\d|[\w+/-]{43}=?$)/;

/**
 * Runs a command.
 *
 * @param args what follows the program's name
 * @returns the exit code
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  try {
    if (args.some((argument) => secretArgument.test(argument) || looksLikeKey(argument)))
      throw new UsageError(
        "An argument looks like a secret. Everybody on this machine can see arguments, and the shell keeps them: replace that secret, and hand secrets in on standard input or in the environment.",
      );
    const { name, options } = read(args);
    if (name === "help") {
      io.out(help);
      return 0;
    }
    const command = commands.get(name);
    if (command === undefined) throw new UsageError(`There is no such command.\n\n${help}`);
    return await command(options, io);
  } catch (error) {
    io.note(explain(error));
    return 2;
  }
}

function read(args: readonly string[]): { name: string; options: CommandOptions } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        db: { type: "string" },
        batch: { type: "string" },
        after: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    const [name = "help", ...more] = positionals;
    if (more.length > 0) throw new UsageError("too many arguments");
    return { name: values.help === true ? "help" : name, options: values };
  } catch {
    // What parseArgs says repeats the argument.
    throw new UsageError(`These arguments are not understood.\n\n${help}`);
  }
}

function explain(error: unknown): string {
  if (error instanceof UsageError) return error.message;
  if (LobsterError.isInstance(error)) return `${error.message} ${error.hint}`;
  return `It failed unexpectedly (${error instanceof Error ? error.name : typeof error}).`;
}

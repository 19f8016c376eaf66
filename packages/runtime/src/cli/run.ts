import { parseArgs } from "node:util";
import { LobsterError, scrubText } from "@lobstercontrol/core";
import { ConfigInvalidError } from "../config/errors.ts";
import { version } from "../version.ts";
import { doctor } from "./doctor.ts";
import { exitCode, exitCodeOf } from "./exit-code.ts";
import type { Io } from "./io.ts";
import { start } from "./start.ts";

/** What `--help` says. */
const help = `Usage: lobster-runtime COMMAND

  start     delivers an account's notifications to its gateway until it is stopped
  doctor    looks at everything once, changes nothing, and explains what it finds
  version   prints the version

Everything else is read from the environment; see https://lobstercontrol.github.io/lobstercontrol/runtime-config.

SIGTERM and SIGINT drain: no new work, what runs may finish, then exit 0. A second one ends at once (130, 143).
Exit codes: 0 asked to stop, or nothing wrong; 1 failed, or something wrong; 64 arguments not understood;
69 a newer process of this worker has taken over; 77 the control plane refuses the token; 78 the configuration cannot
be used. Starting again helps after 1 alone.`;

/**
 * Runs a command.
 *
 * @param args what follows the program's name
 * @returns the exit code
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const command = commandOf(args);
  try {
    switch (command) {
      case "start":
        return await start(io);
      case "doctor":
        return await doctor(io);
      case "version":
        io.out(version);
        return exitCode.ok;
      case "help":
        io.out(help);
        return exitCode.ok;
      case null:
        // What was typed is not repeated: it may be a token in the wrong place.
        io.note(`These arguments are not understood.\n\n${help}`);
        return exitCode.usage;
    }
  } catch (error) {
    return tell(error, io);
  }
}

type Command = "start" | "doctor" | "version" | "help";
const commands: ReadonlySet<string> = new Set<Command>(["start", "doctor", "version", "help"]);

/** The command that is meant; null when none is. */
function commandOf(args: readonly string[]): Command | null {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { help: { type: "boolean", short: "h" }, version: { type: "boolean" } },
    });
    if (positionals.length > 1) return null;
    if (values.help === true) return "help";
    if (values.version === true) return "version";
    const [name = "help"] = positionals;
    return isCommand(name) ? name : null;
  } catch {
    return null;
  }
}

const isCommand = (name: string): name is Command => commands.has(name);

function tell(error: unknown, io: Io): number {
  if (ConfigInvalidError.isInstance(error)) {
    io.note("The configuration cannot be used:");
    for (const { name, problem } of error.problems) io.note(`  ${name} ${problem}`);
    io.note(`See ${error.docs}`);
    return exitCode.config;
  }
  if (!LobsterError.isInstance(error)) {
    // A bug of ours: whoever reports it needs more than its name.
    io.note(`It failed unexpectedly: ${scrubText(String(error instanceof Error ? error.stack : error))}`);
    return exitCode.failed;
  }
  io.note(`${error.message} ${error.hint} See ${error.docs}`);
  return exitCodeOf(error);
}

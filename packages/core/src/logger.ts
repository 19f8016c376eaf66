import { scrub } from "./scrub.ts";
import type { Secret } from "./secret.ts";

/** Writes one line: fields first, then a constant message, as pino has it. */
export type LogMethod = (fields: Record<string, unknown>, message: string) => void;

/**
 * Where log lines go. A [pino](https://getpino.io) logger is one; so is any object with these four methods.
 *
 * @example
 * ```ts
 * import type { Logger } from "@lobstercontrol/core";
 *
 * export const logger: Logger = {
 *   debug: () => {},
 *   info: (fields, message) => console.log(message, fields),
 *   warn: (fields, message) => console.warn(message, fields),
 *   error: (fields, message) => console.error(message, fields),
 * };
 * ```
 */
export interface Logger {
  /** For whoever looks for a fault. */
  debug: LogMethod;
  /** Something happened that an operator wants to know. */
  info: LogMethod;
  /** Something is wrong and is being dealt with. */
  warn: LogMethod;
  /** Something is wrong and needs a person. */
  error: LogMethod;
}

/** Writes nothing: the default everywhere. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Wraps a logger so that every field and message is scrubbed first; see {@link scrub}. A line that cannot be written is lost
 * alone: what it was about goes on.
 *
 * @param logger where the lines go
 * @param known values to hide wherever they stand
 */
export function scrubbedLogger(logger: Logger, known: readonly Secret[] = []): Logger {
  // Scrubbing what nobody reads is the one thing here that would cost something.
  if (logger === silentLogger) return logger;
  const wrap =
    (level: keyof Logger): LogMethod =>
    (fields, message) => {
      try {
        logger[level](scrub(fields, known) as Record<string, unknown>, scrub(message, known) as string);
      } catch {
        // The logger is where it would be said.
      }
    };
  return { debug: wrap("debug"), info: wrap("info"), warn: wrap("warn"), error: wrap("error") };
}

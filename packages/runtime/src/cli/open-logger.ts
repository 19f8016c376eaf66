import type { Logger } from "@lobstercontrol/core";
import { pino, type LoggerOptions } from "pino";
import type { PinoPretty } from "pino-pretty";
import type { LogLevel } from "./io.ts";

/**
 * Writes log lines to standard output: for people on a terminal, as JSON otherwise. Each is out before the next is made, so
 * that none is missing when the process ends.
 */
export async function openLogger(level: LogLevel): Promise<Logger> {
  const options: LoggerOptions = { level, base: { name: "lobster-runtime" } };
  const pretty = process.stdout.isTTY ? await loadPretty() : null;
  return pretty === null
    ? pino(options, pino.destination({ fd: 1, sync: true }))
    : pino(options, pretty({ destination: 1, sync: true, ignore: "name" }));
}

/** An optional dependency: without it a terminal gets JSON, too. */
async function loadPretty(): Promise<typeof PinoPretty | null> {
  try {
    return (await import("pino-pretty")).default;
  } catch {
    return null;
  }
}

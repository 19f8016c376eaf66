import type { Logger } from "@lobstercontrol/core";
import type { Env } from "../config/read-config.ts";

/** What a command has of the world. */
export interface Io {
  /** The environment. */
  env: Env;
  /** Writes a line of the result. */
  out(line: string): void;
  /** Writes a line beside the result. */
  note(line: string): void;
  /** Where log lines go from this level on. */
  logger(level: LogLevel): Promise<Logger>;
  /** Calls back for each signal that asks the program to stop. */
  onSignal(listener: (signal: "SIGTERM" | "SIGINT") => void): void;
  /** Ends the process at once. */
  exit(code: number): void;
}

/** The least that is logged. */
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

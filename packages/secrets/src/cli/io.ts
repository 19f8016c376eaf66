import type { SecretStore } from "../secret-store.ts";
import type { Env } from "../key-ring-from-env.ts";

/** What a command has of the world. */
export interface Io {
  env: Env;
  /** All of standard input. */
  readInput(): Promise<string>;
  /** Writes a line of the result. */
  out(line: string): void;
  /** Writes a line beside the result. */
  note(line: string): void;
  /**
   * Opens the provider keys of a control plane's file.
   *
   * @throws {UsageError} when it cannot be opened
   */
  openStore(path: string): Promise<OpenStore>;
}

/** A store that has to be closed. */
export interface OpenStore {
  store: SecretStore;
  close(): void;
}

/** The command was not given what it needs. Its message is for whoever typed it, and repeats nothing that was typed. */
export class UsageError extends Error {}

import type { LobsterError } from "@lobstercontrol/core";

/** What the program ends with, in the words of sysexits.h where there is one. */
export const exitCode = {
  /** Was asked to stop, and did; or: doctor found nothing wrong. */
  ok: 0,
  /** Failed, or: doctor found something wrong. Starting again may help. */
  failed: 1,
  /** The arguments are not understood. */
  usage: 64,
  /** A newer process of the same worker has taken over. Starting again would take over from that one. */
  fenced: 69,
  /** The control plane does not take the token. Starting again does not help. */
  refused: 77,
  /** The configuration cannot be used. Starting again does not help. */
  config: 78,
} as const;

const codes: Readonly<Record<string, number>> = {
  ERR_WORKER_FENCED: exitCode.fenced,
  ERR_UNAUTHORIZED: exitCode.refused,
  ERR_BOOTSTRAP_REFUSED: exitCode.refused,
  ERR_CONFIG_INVALID: exitCode.config,
};

/** The exit code for what ended the program. */
export function exitCodeOf(error: LobsterError | null): number {
  return error === null ? exitCode.ok : (codes[error.code] ?? exitCode.failed);
}

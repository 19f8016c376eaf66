import { LobsterError } from "@lobstercontrol/core";

/** The file was written by a newer version of this package; opening it could spoil what that version stored. */
export class DatabaseNewerError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_DATABASE_NEWER";

  /** @param context the version of the file, and the newest that this package knows */
  constructor(context: { fileVersion: number; knownVersion: number }) {
    super({
      message: `The database file has schema version ${context.fileVersion}; this package knows up to ${context.knownVersion}.`,
      hint: "Update @lobstercontrol/sqlite, or open another file.",
      retryable: false,
    });
  }
}

/** Another process held the file for longer than we were willing to wait. Nothing was stored. */
export class DatabaseBusyError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_DATABASE_BUSY";

  /** @param context how long we waited */
  constructor(context: { waitedMs: number }) {
    super({
      message: `Another process held the database file for ${context.waitedMs} ms.`,
      hint: "Call again; if it lasts, look for a process that stopped in the middle of a transaction, or a backup that locks the file.",
      retryable: true,
    });
  }
}

/** SQLite could not store or read: the disk is full, the file is not writable, or it is damaged. Nothing was stored. */
export class DatabaseError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_DATABASE";

  /** @param context what SQLite said */
  constructor(context: { cause: unknown }) {
    const said = sayingOf(context.cause);
    super({
      message: `SQLite failed: ${said}.`,
      hint: hintFor(said),
      retryable: true,
      cause: context.cause,
    });
  }
}

/**
 * The disk failed to take what was committed. Whether it has it nobody knows, nor whether it has what comes after: so this call
 * and every later one are refused until the file is opened again, which reads what is really there.
 */
export class DiskFailedError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_DISK_FAILED";

  /** @param context what the system said */
  constructor(context: { cause: unknown }) {
    super({
      message: `The disk did not take what was stored (${codeOf(context.cause)}).`,
      hint: "Check the disk, then start the program again; repeat the calls that were refused.",
      retryable: false,
      cause: context.cause,
    });
  }
}

/** The control plane was closed; the call was not made. */
export class DatabaseClosedError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_DATABASE_CLOSED";

  /** Takes nothing. */
  constructor() {
    super({
      message: "The control plane was closed.",
      hint: "Stop what still uses it before closing it.",
      retryable: false,
    });
  }
}

/** SQLite's own words. The system's have the path in them, which is nobody's business; its code says enough. */
function sayingOf(cause: unknown): string {
  if (!(cause instanceof Error)) return "unknown error";
  return "syscall" in cause && "code" in cause
    ? `the file cannot be opened (${codeOf(cause)})`
    : cause.message;
}

const codeOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";

function hintFor(said: string): string {
  if (/full/.test(said)) return "Free some space on the disk; what was answered before is safe.";
  if (/readonly|cannot be opened|unable to open/.test(said))
    return "Its folder must exist, and the file and the folder must be writable.";
  if (/malformed|not a database/.test(said))
    return "The file is damaged or no database of ours: restore it from a backup.";
  return "Call again; if it lasts, check the disk.";
}

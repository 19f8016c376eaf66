import { fullJitter, LobsterError, scrubText } from "@lobstercontrol/core";
import {
  ControlConfigInvalidError,
  ControlNotPairedError,
  ControlTimeoutError,
  ControlUnauthorizedError,
  ControlUnreachableError,
} from "@lobstercontrol/openclaw-client/control";
import type { Finding } from "../health/conditions.ts";
import { someOf } from "../health/some-of.ts";

/** What an error of a sync means for its condition. A gateway that cannot be asked may well have what it should. */
export function findingOf(error: unknown): Finding {
  if (ControlConfigInvalidError.isInstance(error))
    return { ...no("ConfigRefused", error), evidence: issuesOf(error) };
  if (ControlTimeoutError.isInstance(error)) return unknown("GatewayTimeout", error);
  if (ControlUnreachableError.isInstance(error)) return unknown("GatewayUnreachable", error);
  if (ControlUnauthorizedError.isInstance(error) || ControlNotPairedError.isInstance(error))
    return unknown("ControlRefused", error);
  if (LobsterError.isInstance(error)) return no("ControlFailed", error);
  // What a file system says names paths of this machine; its code says enough.
  return {
    status: "false",
    reason: "FilesNotWritten",
    message: `A file could not be read or written (${codeOf(error)}).`,
  };
}

/** What it means for a condition that some workspaces, by their agent's slug, could not be read or written. */
export function workspacesFinding(failed: ReadonlyMap<string, unknown>): Finding {
  const named = Array.from(failed, ([slug, error]) => `${slug} (${codeOf(error)})`);
  const message = `Files could not be read or written in the workspace of: ${someOf(named)}.`;
  return { status: "false", reason: "FilesNotWritten", message };
}

/** What it means for a condition that the control plane did not say what should be there. */
export function notToldFinding(error: unknown): Finding {
  return unknown(
    "ControlPlaneUnreachable",
    LobsterError.isInstance(error) ? error : new Error("The control plane could not be asked."),
  );
}

const retry = { baseMs: 2_000, capMs: 60_000 };

/** How long to wait before the next try, in milliseconds. */
export function retryInMs(tries: number, random: () => number): number {
  return retry.baseMs / 2 + fullJitter(tries, retry, random);
}

const no = (reason: string, { message }: Error): Finding => ({ status: "false", reason, message });
const unknown = (reason: string, { message }: Error): Finding => ({ status: "unknown", reason, message });

function issuesOf({ issues }: ControlConfigInvalidError): string {
  return issues.map(({ path, message }) => `${path}: ${message}`).join("; ");
}

function codeOf(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : null;
  return typeof code === "string" ? scrubText(code).slice(0, 40) : "unexpected";
}

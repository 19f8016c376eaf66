import type { LobsterError } from "@lobstercontrol/core";
import type { Process } from "../process.ts";
import { Violation } from "./violation.ts";

/** Why a runtime may end without being asked to. */
const rightful: ReadonlySet<string> = new Set(["ERR_WORKER_FENCED", "ERR_UNAUTHORIZED"]);

/** Promise 1 needs somebody who delivers: a runtime does not give up by itself. */
export function goesOn(process: Process, error: LobsterError | null): void {
  if (error !== null && !rightful.has(error.code))
    throw new Violation(1, `${process.name} has ended by itself: ${error.code}`);
}

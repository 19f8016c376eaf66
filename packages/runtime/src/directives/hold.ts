import type { ClaimingReason } from "../health/claiming.ts";
import type { Runtime } from "../runtime.ts";

/** A reason to take no work. */
export type HoldReason = Exclude<ClaimingReason, "Claiming">;

/** Keeps the loop from claiming for as long as anybody has a reason. */
export interface Holds {
  /** Claims nothing more; resolves when nothing runs. */
  hold(reason: HoldReason): Promise<void>;
  /** The reason is gone; claims again when it was the last. */
  release(reason: HoldReason): void;
}

/**
 * Makes {@link Holds} of a loop.
 *
 * @param onChange told the newest reason, or `Claiming` when there is none
 */
export function createHolds(
  runtime: Pick<Runtime, "pause" | "resume">,
  onChange: (reason: ClaimingReason) => void,
): Holds {
  const reasons: HoldReason[] = [];
  const tell = (): void => onChange(reasons.at(-1) ?? "Claiming");
  return {
    hold(reason) {
      if (!reasons.includes(reason)) reasons.push(reason);
      tell();
      return runtime.pause();
    },
    release(reason) {
      const at = reasons.indexOf(reason);
      if (at < 0) return;
      reasons.splice(at, 1);
      tell();
      if (reasons.length === 0) runtime.resume();
    },
  };
}

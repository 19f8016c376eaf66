import type { Claim, DeliveryOutcome, Failure, LobsterError } from "@lobstercontrol/core";
import type { RunVerdict } from "@lobstercontrol/openclaw-client/control";

/** What a runtime tells while it works. For logs, metrics and progress bars: nothing depends on it. */
export type RuntimeEvent =
  | {
      /** The session was asked what became of an attempt that nobody saw end. */
      type: "resolved";
      /** What is to be delivered; `previous` is that attempt. */
      claim: Claim;
      /** What it told; after `active` it is asked again. */
      verdict: RunVerdict["verdict"];
    }
  | {
      /** An attempt is about to be sent. */
      type: "began";
      /** What is delivered. */
      claim: Claim;
    }
  | {
      /** The run ended well, and the control plane has it. */
      type: "delivered";
      /** What was delivered. */
      claim: Claim;
      /** How the run ended. */
      outcome: DeliveryOutcome;
      /** `duplicate` when an earlier call had posted it already, `none` for an agent's silence. */
      message: "posted" | "duplicate" | "none";
      /** From `began` to now, in milliseconds; from the claim, when the reply was found in the session. */
      tookMs: number;
    }
  | {
      /** The attempt failed, and the control plane knows. */
      type: "failed";
      /** What was not delivered. */
      claim: Claim;
      /** Why. */
      failure: Failure;
      /** The code that the gateway gave a run that failed, such as `authentication_error`; null when it gave none. */
      gatewayType: string | null;
      /** What comes of it. */
      next: "retry" | "dead";
      /** How long until the retry, in milliseconds. */
      inMs?: number;
    }
  | {
      /** Handed back untried. */
      type: "released";
      /** What was handed back. */
      claim: Claim;
    }
  | {
      /** Dropped: somebody else has it now, or the control plane could not be told in time. */
      type: "dropped";
      /** What was dropped. */
      claim: Claim;
      /** Why. */
      error: unknown;
    }
  | {
      /** The loop has ended. */
      type: "stopped";
      /** What ended it; null when it was asked to. */
      error: LobsterError | null;
    };

import {
  addContext,
  hasContext,
  TooLargeError,
  type AccountId,
  type Claim,
  type ContextLimits,
  type ContextRequest,
  type Failure,
  type ThreadContext,
} from "@lobstercontrol/core";
import type { GenericDataModel, GenericMutationCtx } from "convex/server";

/** Asks the platform about a thread. */
export type ContextOf<DataModel extends GenericDataModel> = (
  ctx: GenericMutationCtx<DataModel>,
  request: ContextRequest,
) => Promise<ThreadContext | null>;

/** What is handed out at once, with its context, in characters: an answer of Convex may have 16 MiB. */
const claimCharacters = 4 * 1024 * 1024;

/** What is done about claims that cannot go out. */
export interface Refusals {
  fail(claim: Claim, failure: Failure): Promise<unknown>;
  release(claim: Claim): Promise<unknown>;
}

/**
 * Adds what the platform has to say about each thread. A claim whose thread it fails for is failed, and one that would be too much
 * for one answer is handed back: the others go on.
 *
 * @param claimed what was handed out, with the platform's own id of each agent
 */
export async function withContext(
  account: AccountId,
  claimed: readonly { claim: Claim; ref: string | null }[],
  ask: (request: ContextRequest) => Promise<ThreadContext | null>,
  most: ContextLimits,
  refusals: Refusals,
): Promise<Claim[]> {
  const claims: Claim[] = [];
  let characters = 0;
  for (const { claim, ref } of claimed) {
    const { agent, thread } = claim;
    if (characters > claimCharacters) {
      await refusals.release(claim);
      continue;
    }
    try {
      const context = hasContext(claim) ? await ask({ account, agent, ref, thread }) : null;
      const whole = addContext(claim, context, most);
      claims.push(whole);
      characters += whole.input.length + (whole.instructions?.length ?? 0);
    } catch (error) {
      await refusals.fail(claim, failureOf(error));
    }
  }
  return claims;
}

/** The platform's own words may be about anybody (promise 7): they go nowhere. */
function failureOf(error: unknown): Failure {
  const reason = TooLargeError.isInstance(error)
    ? { code: error.code, message: error.message }
    : { code: "ERR_CONTEXT", message: "The platform's context for this thread could not be had." };
  return { outcome: "notSent", reason, retryable: true, countsAttempt: true };
}

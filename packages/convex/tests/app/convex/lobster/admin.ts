import { ForbiddenError } from "@lobstercontrol/core/http";
import { lobsterControl } from "./control.ts";

export const {
  notifications,
  deadLetters,
  redrive,
  messages,
  issueServiceToken,
  serviceTokens,
  revokeServiceToken,
  activities,
  upsertProviderKey,
  removeProviderKey,
  listProviderKeys,
  runtime,
  provisionRuntime,
  retryProvision,
  destroyRuntime,
  restartRuntime,
  drainRuntime,
  resyncRuntime,
  upgradeRuntime,
} = lobsterControl.adminApi({
  /** Anybody who has signed in may do everything: these are tests, and who may what is the example's. */
  async authorize(ctx) {
    const identity = await ctx.auth.getUserIdentity();
    if (identity === null) throw new ForbiddenError({ problem: "nobody has signed in", hint: "Sign in." });
    return { actor: identity.subject };
  },
});

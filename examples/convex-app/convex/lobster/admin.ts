import { requireAdmin } from "../authz.ts";
import { lobsterControl } from "./control.ts";

/** What admins call, such as the pages of the platform. */
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
  restartRuntime,
  drainRuntime,
  resyncRuntime,
  upgradeRuntime,
} = lobsterControl.adminApi({
  async authorize(ctx, { account }) {
    const { user } = await requireAdmin(ctx, account);
    return { actor: user };
  },
});

/// <reference types="vite/client" />
import { convexTest } from "convex-test";
import {
  accountId,
  agentSlug,
  parse,
  type AccountId,
  type LeaseId,
  type NotificationId,
} from "@lobstercontrol/core";
import { api } from "../src/component/_generated/api.ts";
import schema from "../src/component/schema.ts";

/** The modules of the component, by their paths. */
export const componentModules = import.meta.glob("../src/component/**/*.ts");

/** The component as an app of its own, with the limits of a deployment: its tables and internal functions can be reached. */
export const createComponent = () =>
  convexTest({ schema, modules: componentModules, transactionLimits: true });

/** What is stored of the token `tokenOf(account)`; here a hash is as good as any other text. */
export const hashOf = (account: string): string => `hash of ${account}`;

/** An account with the agent writer and a service token. */
export async function addAccount(
  t: ReturnType<typeof createComponent>,
  id = "acme",
): Promise<{ account: AccountId; tokenHash: string }> {
  const account = parse(accountId, id, "account");
  await t.mutation(api.platform.upsertAccount, { account });
  await t.mutation(api.platform.upsertAgent, { account, agent: "writer" });
  const tokenHash = hashOf(account);
  await t.mutation(api.admin.issueServiceToken, {
    account,
    actor: "user-1",
    id: `stk_${account}`,
    hash: tokenHash,
  });
  return { account, tokenHash };
}

/** A claim of a runtime. */
export const claimArgs = (tokenHash: string, over: { limit?: number; claimId?: string } = {}) => ({
  tokenHash,
  request: { workerId: "w1", incarnation: "i1", claimId: "c1", limit: 10, leaseMs: 30_000, ...over },
  heartbeatInput: "Look.",
  maxAttempts: 3,
});

/** A notification. */
export const notifyArgs = (
  account: string,
  thread: string,
  over: { input?: string; instructions?: string } = {},
) => ({
  account,
  agent: "writer",
  thread,
  input: "Say hello",
  idempotencyKey: `${thread}:${over.input?.length ?? 0}`,
  maxAttempts: 3,
  ...over,
});

/** A lease as a component answers it: texts, which it has checked. */
export const leaseOf = (lease: { notification: string; id: string }) =>
  lease as { notification: NotificationId; id: LeaseId };

export const writer = parse(agentSlug, "writer", "agent");

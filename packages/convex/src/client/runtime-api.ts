import type { AccountId, Claim, Message } from "@lobstercontrol/core";
import {
  actionGeneric,
  mutationGeneric,
  queryGeneric,
  type GenericDataModel,
  type GenericMutationCtx,
} from "convex/server";
import { v, type Infer } from "convex/values";
import {
  agentRoster,
  attemptStart,
  claim,
  claimRequest,
  deliveryOutcome,
  directives,
  failure,
  leaseProof,
  runtimeReport,
} from "../validators.ts";
import { withContext, type ContextOf } from "./context.ts";
import { hashServiceToken } from "./service-token.ts";
import type { Settings } from "./settings.ts";
import type { LobsterControlComponent } from "./types.ts";

/** What an app has to say to what its runtimes do. */
export interface RuntimeApiOptions<DataModel extends GenericDataModel> {
  /**
   * Called for each message that an agent posts, in the mutation that stores it: write it into your own thread here. A throw
   * undoes both, and the runtime hands the reply in again. `ref` is your own id of the agent.
   */
  onMessage?: (
    ctx: GenericMutationCtx<DataModel>,
    message: Message,
    about: { ref: string | null },
  ) => Promise<void>;
  /**
   * Called when a notification is handed out, in that mutation: adds instructions, and what was said in the thread. Read a bounded
   * part. When it throws, that notification is tried again later and the others go on. Heartbeats have no thread of yours, and
   * are handed out without.
   */
  context?: ContextOf<DataModel>;
}

const token = v.string();

/**
 * The functions that runtimes call. Each takes the service token as its argument and hands on its SHA-256: nobody else is let
 * in, and a runtime reaches its own account alone.
 */
export function createRuntimeApi<DataModel extends GenericDataModel>(
  component: LobsterControlComponent,
  settings: Settings,
  { onMessage, context }: RuntimeApiOptions<DataModel>,
) {
  const { delivery } = component;

  return {
    isThereWork: queryGeneric({
      args: { token },
      returns: v.object({ newest: v.union(v.null(), v.string()) }),
      handler: async (ctx, args) =>
        await ctx.runQuery(delivery.isThereWork, { tokenHash: await hashServiceToken(args.token) }),
    }),

    claim: mutationGeneric({
      args: { token, request: claimRequest },
      returns: v.array(claim),
      handler: async (ctx: GenericMutationCtx<DataModel>, { request, ...args }): Promise<Claim[]> => {
        const tokenHash = await hashServiceToken(args.token);
        const { heartbeatInput, maxAttempts, backoff, random } = settings;
        const handedOut = await ctx.runMutation(delivery.claim, {
          tokenHash,
          request,
          heartbeatInput,
          maxAttempts,
        });
        const claimed = handedOut.claims as { claim: Claim; ref: string | null }[];
        return await withContext(
          handedOut.account as AccountId,
          claimed,
          async (about) => (await context?.(ctx, about)) ?? null,
          settings.contextLimits,
          {
            fail: ({ lease }, told) =>
              ctx.runMutation(delivery.fail, { tokenHash, lease, failure: told, backoff, random: random() }),
            release: ({ lease }) => ctx.runMutation(delivery.release, { tokenHash, lease }),
          },
        );
      },
    }),

    begin: mutationGeneric({
      args: { token, lease: leaseProof, attempt: attemptStart },
      returns: v.null(),
      handler: async (ctx, { lease, attempt, ...args }) =>
        await ctx.runMutation(delivery.begin, {
          tokenHash: await hashServiceToken(args.token),
          lease,
          attempt,
        }),
    }),

    renew: mutationGeneric({
      args: { token, lease: leaseProof, leaseMs: v.number() },
      returns: v.null(),
      handler: async (ctx, { lease, leaseMs, ...args }) =>
        await ctx.runMutation(delivery.renew, {
          tokenHash: await hashServiceToken(args.token),
          lease,
          leaseMs,
        }),
    }),

    complete: mutationGeneric({
      args: { token, lease: leaseProof, outcome: deliveryOutcome },
      returns: v.object({
        message: v.union(v.literal("posted"), v.literal("duplicate"), v.literal("none")),
      }),
      handler: async (ctx: GenericMutationCtx<DataModel>, { lease, outcome, ...args }) => {
        const tokenHash = await hashServiceToken(args.token);
        const { answer, posted } = await ctx.runMutation(delivery.complete, { tokenHash, lease, outcome });
        if (posted !== null) await onMessage?.(ctx, posted.message as Message, { ref: posted.ref });
        return answer;
      },
    }),

    fail: mutationGeneric({
      args: { token, lease: leaseProof, failure },
      returns: v.object({
        next: v.union(v.literal("retry"), v.literal("dead")),
        inMs: v.optional(v.number()),
      }),
      handler: async (ctx, { lease, failure: told, ...args }) =>
        await ctx.runMutation(delivery.fail, {
          tokenHash: await hashServiceToken(args.token),
          lease,
          failure: told,
          backoff: settings.backoff,
          random: settings.random(),
        }),
    }),

    release: mutationGeneric({
      args: { token, lease: leaseProof },
      returns: v.null(),
      handler: async (ctx, { lease, ...args }) =>
        await ctx.runMutation(delivery.release, { tokenHash: await hashServiceToken(args.token), lease }),
    }),

    agents: queryGeneric({
      args: { token },
      returns: agentRoster,
      handler: async (ctx, args) => {
        const tokenHash = await hashServiceToken(args.token);
        return (await ctx.runQuery(delivery.agents, { tokenHash })) as Infer<typeof agentRoster>;
      },
    }),

    /** The only one that answers with keys in clear, and an action: no log and no subscription has them. */
    providerKeys: actionGeneric({
      args: { token },
      returns: v.object({
        generation: v.number(),
        keys: v.array(v.object({ provider: v.string(), key: v.string() })),
      }),
      handler: async (ctx, args) =>
        await ctx.runAction(component.secrets.revealProviderKeys, {
          tokenHash: await hashServiceToken(args.token),
        }),
    }),

    report: mutationGeneric({
      args: { token, report: runtimeReport },
      returns: directives,
      handler: async (ctx, { report, ...args }) =>
        await ctx.runMutation(delivery.report, { tokenHash: await hashServiceToken(args.token), report }),
    }),
  };
}

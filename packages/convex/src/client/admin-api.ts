import type { Message, Notification, Page, Provisioner } from "@lobstercontrol/core";
import { actionGeneric, mutationGeneric, queryGeneric, type Auth } from "convex/server";
import { v } from "convex/values";
import {
  activity,
  dropletSpec,
  message,
  notification,
  notificationState,
  pageFields,
  pageOf,
  providerKeyInfo,
  runtimeInfo,
  serviceToken,
} from "../validators.ts";
import { issueServiceToken } from "./admin-port.ts";
import { telling } from "../telling.ts";
import type { LobsterControlComponent, RunsMutations, RunsQueries } from "./types.ts";

/** What is asked for, of which account. */
export interface AdminRequest {
  /** The call, such as `upsertProviderKey`. */
  call: keyof ReturnType<typeof createAdminApi>;
  /** The account that is named; whether the caller may act for it is what has to be found out. */
  account: string;
}

/** What queries, mutations and actions have in common; read your tables by `runQuery`. */
export interface AuthorizeCtx extends RunsQueries {
  /** Who calls. */
  auth: Auth;
}

/** How `LobsterControl.adminApi` is set up. */
export interface AdminApiOptions {
  /**
   * Says who calls, for the audit log, or throws when they may not do this for that account. It is asked with each call, before
   * anything else. There is no default.
   */
  authorize(ctx: AuthorizeCtx, request: AdminRequest): Promise<{ actor: string }>;
}

const account = v.string();

/** The functions that admins call, such as the pages of the platform. Every one asks `authorize` first. */
export function createAdminApi(
  component: LobsterControlComponent,
  { authorize }: AdminApiOptions,
  provisionerOf: (ctx: RunsMutations) => Provisioner,
) {
  const { admin, secrets } = component;

  return {
    notifications: queryGeneric({
      args: { account, ...pageFields, state: v.optional(notificationState), agent: v.optional(v.string()) },
      returns: pageOf(notification),
      handler: (ctx, args) =>
        telling(async () => {
          await authorize(ctx, { call: "notifications", account: args.account });
          return (await ctx.runQuery(admin.notifications, args)) as Page<Notification>;
        }),
    }),
    deadLetters: queryGeneric({
      args: { account, ...pageFields },
      returns: pageOf(notification),
      handler: (ctx, args) =>
        telling(async () => {
          await authorize(ctx, { call: "deadLetters", account: args.account });
          const dead = await ctx.runQuery(admin.notifications, { ...args, state: "dead" });
          return dead as Page<Notification>;
        }),
    }),
    redrive: mutationGeneric({
      args: { account, notification: v.string() },
      returns: v.null(),
      handler: (ctx, args) =>
        telling(async () => {
          const { actor } = await authorize(ctx, { call: "redrive", account: args.account });
          return await ctx.runMutation(admin.redrive, { ...args, actor });
        }),
    }),
    messages: queryGeneric({
      args: { account, ...pageFields },
      returns: pageOf(message),
      handler: (ctx, args) =>
        telling(async () => {
          await authorize(ctx, { call: "messages", account: args.account });
          return (await ctx.runQuery(admin.messages, args)) as Page<Message>;
        }),
    }),
    /** An action, for its randomness. The token is in the answer, this once. */
    issueServiceToken: actionGeneric({
      args: { account },
      returns: v.object({ id: v.string(), token: v.string() }),
      handler: (ctx, args) =>
        telling(async () => {
          const { actor } = await authorize(ctx, { call: "issueServiceToken", account: args.account });
          const { id, token } = await issueServiceToken(component, ctx, { ...args, actor });
          return { id, token: token.reveal() };
        }),
    }),
    serviceTokens: queryGeneric({
      args: { account },
      returns: v.array(serviceToken),
      handler: (ctx, args) =>
        telling(async () => {
          await authorize(ctx, { call: "serviceTokens", account: args.account });
          return await ctx.runQuery(admin.serviceTokens, args);
        }),
    }),
    revokeServiceToken: mutationGeneric({
      args: { account, id: v.string() },
      returns: v.null(),
      handler: (ctx, args) =>
        telling(async () => {
          const { actor } = await authorize(ctx, { call: "revokeServiceToken", account: args.account });
          return await ctx.runMutation(admin.revokeServiceToken, { ...args, actor });
        }),
    }),
    activities: queryGeneric({
      args: { account, ...pageFields },
      returns: pageOf(activity),
      handler: (ctx, args) =>
        telling(async () => {
          await authorize(ctx, { call: "activities", account: args.account });
          return await ctx.runQuery(admin.activities, args);
        }),
    }),
    /** An action, for its randomness: the key is sealed in it, and no mutation has it. */
    upsertProviderKey: actionGeneric({
      args: { account, provider: v.string(), key: v.string() },
      returns: providerKeyInfo,
      handler: (ctx, args) =>
        telling(async () => {
          const { actor } = await authorize(ctx, { call: "upsertProviderKey", account: args.account });
          return await ctx.runAction(secrets.upsertProviderKey, { ...args, actor });
        }),
    }),
    removeProviderKey: actionGeneric({
      args: { account, provider: v.string() },
      returns: v.null(),
      handler: (ctx, args) =>
        telling(async () => {
          const { actor } = await authorize(ctx, { call: "removeProviderKey", account: args.account });
          return await ctx.runAction(secrets.removeProviderKey, { ...args, actor });
        }),
    }),
    listProviderKeys: queryGeneric({
      args: { account },
      returns: v.array(providerKeyInfo),
      handler: (ctx, args) =>
        telling(async () => {
          await authorize(ctx, { call: "listProviderKeys", account: args.account });
          return await ctx.runQuery(secrets.listProviderKeys, args);
        }),
    }),
    runtime: queryGeneric({
      args: { account },
      returns: runtimeInfo,
      handler: (ctx, args) =>
        telling(async () => {
          await authorize(ctx, { call: "runtime", account: args.account });
          return await ctx.runQuery(admin.runtime, args);
        }),
    }),
    /** An action, for its randomness. Nothing is created yet: `reconcile` of the provisioner does that. */
    provisionRuntime: actionGeneric({
      args: { account, spec: dropletSpec },
      returns: v.null(),
      handler: (ctx, { spec, ...args }) =>
        telling(async () => {
          const { actor } = await authorize(ctx, { call: "provisionRuntime", account: args.account });
          await provisionerOf(ctx).provision(args.account, spec, { id: actor });
          return null;
        }),
    }),
    retryProvision: actionGeneric({
      args: { account },
      returns: v.null(),
      handler: (ctx, args) =>
        telling(async () => {
          const { actor } = await authorize(ctx, { call: "retryProvision", account: args.account });
          await provisionerOf(ctx).retry(args.account, { id: actor });
          return null;
        }),
    }),
    destroyRuntime: actionGeneric({
      args: { account },
      returns: v.null(),
      handler: (ctx, args) =>
        telling(async () => {
          const { actor } = await authorize(ctx, { call: "destroyRuntime", account: args.account });
          await provisionerOf(ctx).destroy(args.account, { id: actor });
          return null;
        }),
    }),
    restartRuntime: mutationGeneric({
      args: { account },
      returns: v.null(),
      handler: (ctx, args) =>
        telling(async () => {
          const { actor } = await authorize(ctx, { call: "restartRuntime", account: args.account });
          return await ctx.runMutation(admin.direct, { ...args, actor, kind: "restart", target: null });
        }),
    }),
    drainRuntime: mutationGeneric({
      args: { account },
      returns: v.null(),
      handler: (ctx, args) =>
        telling(async () => {
          const { actor } = await authorize(ctx, { call: "drainRuntime", account: args.account });
          return await ctx.runMutation(admin.direct, { ...args, actor, kind: "drain", target: null });
        }),
    }),
    resyncRuntime: mutationGeneric({
      args: { account },
      returns: v.null(),
      handler: (ctx, args) =>
        telling(async () => {
          const { actor } = await authorize(ctx, { call: "resyncRuntime", account: args.account });
          return await ctx.runMutation(admin.direct, { ...args, actor, kind: "resync", target: null });
        }),
    }),
    upgradeRuntime: mutationGeneric({
      args: { account, target: v.string() },
      returns: v.null(),
      handler: (ctx, args) =>
        telling(async () => {
          const { actor } = await authorize(ctx, { call: "upgradeRuntime", account: args.account });
          return await ctx.runMutation(admin.direct, { ...args, actor, kind: "upgrade" });
        }),
    }),
  };
}

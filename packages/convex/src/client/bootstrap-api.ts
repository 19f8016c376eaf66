import { createBootstrapPort, Secret, systemClock, type BootstrapPort } from "@lobstercontrol/core";
import { actionGeneric } from "convex/server";
import { v } from "convex/values";
import { telling } from "../telling.ts";
import { createProvisionStore } from "./provision-store.ts";
import type { LobsterControlComponent, RunsMutations } from "./types.ts";

const bootstrapToken = v.string();

/**
 * The functions that a droplet calls on its first boot, with its bootstrap token as the only credential. Actions, so that the token
 * is no argument of a mutation: what is stored and looked up by is its SHA-256.
 */
export function createBootstrapApi(component: LobsterControlComponent) {
  const portOf = (ctx: RunsMutations): BootstrapPort =>
    createBootstrapPort({ store: createProvisionStore(component, ctx), clock: systemClock });

  return {
    exchange: actionGeneric({
      args: { bootstrapToken, serviceTokenHash: v.string(), dropletId: v.optional(v.number()) },
      returns: v.object({ account: v.string() }),
      handler: (ctx, { bootstrapToken: token, ...request }) =>
        telling(async () => await portOf(ctx).exchange({ ...request, bootstrapToken: new Secret(token) })),
    }),

    phase: actionGeneric({
      args: { bootstrapToken, phase: v.string(), ok: v.boolean(), stderrTail: v.optional(v.string()) },
      returns: v.null(),
      handler: (ctx, { bootstrapToken: token, ...request }) =>
        telling(async () => {
          await portOf(ctx).phase({ ...request, bootstrapToken: new Secret(token) });
          return null;
        }),
    }),
  };
}

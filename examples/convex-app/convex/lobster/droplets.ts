/** The account's droplet: apart from admin.ts, since DigitalOcean's client is large and only these actions need it. */
import { LobsterControl } from "@lobstercontrol/convex";
import { cloudInitUserData, createProvisioner } from "@lobstercontrol/provisioner";
import { createDotsApi } from "@lobstercontrol/provisioner/dots";
import type { DropletApi } from "@lobstercontrol/core";
import { components, internal } from "../_generated/api.js";
import { env } from "../_generated/server.js";
import { requireAdmin } from "../authz.ts";

/** One for all actions of this process: it counts the calls that DigitalOcean allows. */
let api: DropletApi | null = null;

export const droplets: LobsterControl = new LobsterControl(components.lobsterControl, {
  provisioner: (store, ctx) =>
    createProvisioner({
      api: (api ??= createDotsApi({
        token: env.DIGITALOCEAN_TOKEN ?? "",
        ...(env.DIGITALOCEAN_API_URL === undefined ? {} : { baseUrl: env.DIGITALOCEAN_API_URL }),
      })),
      store,
      enabled: () => ctx.runQuery(internal.flags.isEnabled, { name: "runtime_provisioning_enabled" }),
      userData: cloudInitUserData({
        controlPlaneUrl: `${env.CONVEX_SITE_URL}/lobster`,
        convexUrl: env.CONVEX_CLOUD_URL,
        gatewayImage: env.GATEWAY_IMAGE ?? "",
        runtimeImage: env.RUNTIME_IMAGE ?? "",
      }),
    }),
});

/** What admins call about the droplet. What is asked for is done by provisioning.ts, step by step. */
export const { provisionRuntime, retryProvision, destroyRuntime } = droplets.adminApi({
  authorize: async (ctx, { account }) => ({ actor: (await requireAdmin(ctx, account)).user }),
});

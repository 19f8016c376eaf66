import lobsterControl from "@lobstercontrol/convex/convex.config";
import { defineApp } from "convex/server";
import { v } from "convex/values";

const app = defineApp({
  env: {
    /** Seals provider keys: `npx @lobstercontrol/secrets keygen`, then `npx convex env set`. */
    SECRETS_MASTER_KEY_BASE64: v.optional(v.string()),
    /** Several instead of that one, to rotate: `docs/provider-keys.md`. */
    SECRETS_KEYS: v.optional(v.string()),
    /** Makes droplets; `docs/digitalocean.md` names the scopes that it needs. */
    DIGITALOCEAN_TOKEN: v.optional(v.string()),
    /** Where DigitalOcean's API is, for a proxy that all traffic has to take; DigitalOcean itself by default. */
    DIGITALOCEAN_API_URL: v.optional(v.string()),
    /** What droplets run, by digest. */
    GATEWAY_IMAGE: v.optional(v.string()),
    RUNTIME_IMAGE: v.optional(v.string()),
    /** Who signs people in; see auth.config.ts. */
    AUTH_ISSUER: v.optional(v.string()),
    AUTH_APPLICATION_ID: v.optional(v.string()),
  },
});
app.use(lobsterControl, {
  env: {
    SECRETS_MASTER_KEY_BASE64: app.env.SECRETS_MASTER_KEY_BASE64,
    SECRETS_KEYS: app.env.SECRETS_KEYS,
  },
});

export default app;

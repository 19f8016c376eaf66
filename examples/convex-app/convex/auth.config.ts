import type { AuthConfig } from "convex/server";
import { env } from "./_generated/server.js";

/** Any OpenID Connect provider: Clerk, WorkOS, Auth0 and others differ in these two alone. */
export default {
  providers: [
    {
      domain: env.AUTH_ISSUER ?? "https://not-set.invalid",
      applicationID: env.AUTH_APPLICATION_ID ?? "not-set",
    },
  ],
} satisfies AuthConfig;

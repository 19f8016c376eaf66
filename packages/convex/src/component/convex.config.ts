import { defineComponent } from "convex/server";
import { v } from "convex/values";

/**
 * The component. The app binds the master key of its vault; see `keyRingFromEnv` of `@lobstercontrol/secrets`. Without one,
 * provider keys can be neither stored nor revealed, and everything else works.
 */
const component = defineComponent("lobsterControl", {
  env: {
    SECRETS_MASTER_KEY_BASE64: v.optional(v.string()),
    SECRETS_KEYS: v.optional(v.string()),
  },
});

export default component;

import lobsterControl from "@lobstercontrol/convex/convex.config";
import { defineApp } from "convex/server";
import { v } from "convex/values";

const app = defineApp({ env: { SECRETS_MASTER_KEY_BASE64: v.optional(v.string()) } });
app.use(lobsterControl, { env: { SECRETS_MASTER_KEY_BASE64: app.env.SECRETS_MASTER_KEY_BASE64 } });

export default app;

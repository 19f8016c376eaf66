import { httpRouter } from "convex/server";
import { api } from "./_generated/api.js";
import { lobsterControl } from "./lobster/control.ts";

const http = httpRouter();
lobsterControl.httpRoutes(http, {
  prefix: "/lobster",
  runtime: api.lobster.runtime,
  admin: {
    async authorize(ctx, request) {
      const identity = await ctx.auth.getUserIdentity();
      const account = request.headers.get("x-account");
      return identity === null || account === null ? null : { actor: { id: identity.subject }, account };
    },
  },
});

export default http;

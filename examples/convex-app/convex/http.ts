import { httpRouter } from "convex/server";
import { api } from "./_generated/api.js";
import { lobsterControl } from "./lobster/control.ts";

const http = httpRouter();
/** For runtimes that speak HTTP and not Convex: `POST /lobster/v1/runtime/…` at the deployment's site. */
lobsterControl.httpRoutes(http, { prefix: "/lobster", runtime: api.lobster.runtime });

export default http;

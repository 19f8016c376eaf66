/**
 * The ports over HTTP, for platforms that serve runtimes and admins on other machines: two handlers of web-standard
 * requests, and a typed client for each port.
 *
 * @packageDocumentation
 */
export { createAdminClient, type AdminClientOptions } from "./admin-client.ts";
export { createAdminHandler, type AdminHandlerOptions, type AuthorizedAdmin } from "./admin-handler.ts";
export { createBootstrapClient } from "./bootstrap-client.ts";
export { checkUrl } from "./check-url.ts";
export { checkToken, type ClientOptions } from "./connection.ts";
export {
  ControlPlaneAnswerError,
  ControlPlaneUnreachableError,
  ForbiddenError,
  UnexpectedError,
} from "./errors.ts";
export type { Handler, HandlerOptions } from "./handler.ts";
export { reviveError, wireError } from "./revive-error.ts";
export { createRuntimeClient, type RuntimeClientOptions } from "./runtime-client.ts";
export { createRuntimeHandler, type RuntimeHandlerOptions } from "./runtime-handler.ts";

import { InvalidInputError } from "../errors.ts";
import type { Actor, AdminOf, AdminPort } from "../ports/admin.ts";
import { adminCalls } from "./admin-calls.ts";
import { ForbiddenError } from "./errors.ts";
import { checkPrefix, createHandler, routesOf, type Handler, type HandlerOptions } from "./handler.ts";

/** Who asks, and for which account. */
export interface AuthorizedAdmin {
  /** Goes into the audit log. */
  actor: Actor;
  /** The one account that they may act for with this request. */
  account: string;
}

/** How {@link createAdminHandler} is set up. */
export interface AdminHandlerOptions extends HandlerOptions {
  /** The control plane, with the calls that it has. */
  controlPlane: { admin: AdminOf<Partial<AdminPort>> };
  /**
   * Says who asks and for which account, or null when they may not: the platform's own session check. It is asked with each
   * request, and must not read the body. There is no default.
   */
  authorize(request: Request): Promise<AuthorizedAdmin | null> | AuthorizedAdmin | null;
  /** Which origins a browser's page may have that sends cookies, such as `https://app.example.com`. None by default. */
  allowedOrigins?: readonly string[];
}

/** Tokens of machines, wherever in a URL or a header they stand. */
const hasMachineToken = (text: string): boolean => /(?<![\w-])lc[sb]_[\w-]{16,}/.test(text);

const percentDecoded = (text: string): string =>
  text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** The name and the password of `Authorization: Basic`; nothing when the text is none. */
function basicDecoded(text: string): string {
  const [, credentials] = /^Basic +([\w+/=-]+)$/i.exec(text) ?? [];
  try {
    return credentials === undefined ? "" : atob(credentials);
  } catch {
    return "";
  }
}

/**
 * Serves admins of accounts, such as a page of the platform: `POST /v1/admin/CALL`. Whoever brings a service token or a bootstrap
 * token is refused, whatever `authorize` would say; whoever brings a cookie must come from an allowed origin.
 *
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` when the prefix is no path, or an origin is none
 *
 * @example
 * ```ts
 * import { createAdminHandler } from "@lobstercontrol/core/http";
 * import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
 *
 * declare function sessionOf(request: Request): Promise<{ user: string; account: string } | null>;
 *
 * export const fetch = createAdminHandler({
 *   controlPlane: createSqliteControlPlane({ path: "lobster.db" }),
 *   allowedOrigins: ["https://app.example.com"],
 *   async authorize(request) {
 *     const session = await sessionOf(request);
 *     return session && { actor: { id: session.user }, account: session.account };
 *   },
 * });
 * ```
 */
export function createAdminHandler(options: AdminHandlerOptions): Handler {
  const { controlPlane, authorize } = options;
  if (typeof authorize !== "function")
    throw new InvalidInputError({ field: "authorize", problem: "must say who asks; it has no default" });
  const root = `${checkPrefix(options.prefix)}/v1/admin`;
  const allowedOrigins = new Set((options.allowedOrigins ?? []).map(checkOrigin));

  const routes = routesOf(adminCalls, root, async (request, call, name) => {
    refuseMachines(request);
    refuseForeignPages(request, allowedOrigins);
    const admin = await authorize(request);
    // In JavaScript, what knows nobody is easily undefined.
    if (!admin) throw notAuthorized();
    const port = controlPlane.admin(admin.actor, admin.account);
    if (!offers(port, name))
      throw new InvalidInputError({ field: name, problem: "is no call of this control plane" });
    return (body) => call.serve(port, body);
  });
  return createHandler(new Map(routes), options);
}

/** A call that is missing is refused before; what is left of the port has the one that is asked for. */
function offers(port: Partial<AdminPort>, name: string): port is AdminPort {
  return name in port;
}

function refuseMachines(request: Request): void {
  const texts = [request.url, ...request.headers.values()];
  if (texts.flatMap((text) => [text, percentDecoded(text), basicDecoded(text)]).some(hasMachineToken))
    throw new ForbiddenError({
      problem: "a runtime's token opens no admin call",
      hint: "Sign in as a person or program that may act for the account.",
    });
}

/** A browser sends cookies along with what any page asks for; its Origin tells which page it was. */
function refuseForeignPages(request: Request, allowedOrigins: ReadonlySet<string>): void {
  if (!request.headers.has("cookie") || allowedOrigins.has(request.headers.get("origin") ?? "")) return;
  throw new ForbiddenError({
    problem: "a request with a cookie must come from an allowed origin",
    hint: "Name the origin of your page in allowedOrigins of createAdminHandler.",
  });
}

function notAuthorized(): ForbiddenError {
  return new ForbiddenError({
    problem: "this caller may not act for an account here",
    hint: "Sign in; it is the platform's authorize() that decides.",
  });
}

/** @throws {InvalidInputError} `ERR_INVALID_INPUT` */
function checkOrigin(origin: string): string {
  if (!URL.canParse(origin) || new URL(origin).origin !== origin || origin === "null")
    throw new InvalidInputError({
      field: "allowedOrigins",
      problem: "must be origins such as https://app.example.com",
    });
  return origin;
}

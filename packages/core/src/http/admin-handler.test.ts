import { describe, expect, it, vi } from "vitest";
import { UnauthorizedError } from "../errors.ts";
import type { AdminPort } from "../ports/admin.ts";
import { Secret } from "../secret.ts";
import { createAdminHandler, type AdminHandlerOptions, type AuthorizedAdmin } from "./admin-handler.ts";
import { errorOf, goodToken, keepingLogger, post } from "./test-ports.ts";

const admin = vi.fn<(actor: { id: string }, account: string) => Partial<AdminPort>>(() => ({
  serviceTokens: async () => [],
  issueServiceToken: async () => ({ id: "stk_1", token: new Secret(goodToken) }),
}));

function handlerOf(over: Partial<AdminHandlerOptions> = {}) {
  return createAdminHandler({
    controlPlane: { admin },
    authorize: () => ({ actor: { id: "user-1" }, account: "acme" }),
    ...over,
  });
}

const session = { authorization: "Bearer session-1" };
const ask = (
  handler = handlerOf(),
  headers: Record<string, string> = session,
  path = "/v1/admin/serviceTokens",
) => handler(post(path, {}, headers));

describe("an admin", () => {
  it("gets the port of the actor and account that authorize named", async () => {
    admin.mockClear();
    const response = await ask();
    expect(await response.json()).toEqual({ result: [] });
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(admin.mock.calls).toEqual([[{ id: "user-1" }, "acme"]]);
  });

  it.each([null, undefined, false, ""])(
    "is refused when authorize gives %j, before anything is read",
    async (nobody) => {
      admin.mockClear();
      const request = post("/v1/admin/serviceTokens", "{", session);
      const response = await handlerOf({ authorize: async () => nobody as null })(request);
      expect(response.status).toBe(403);
      expect(await errorOf(response)).toMatchObject({ code: "ERR_FORBIDDEN" });
      expect(request.bodyUsed).toBe(false);
      expect(admin).not.toHaveBeenCalled();
    },
  );

  it("needs authorize", () => {
    expect(() => handlerOf({ authorize: undefined as never })).toThrow("authorize: must");
  });

  it("is told what authorize throws when it is an error of ours, and nothing else of it", async () => {
    const own = handlerOf({ authorize: () => Promise.reject(new UnauthorizedError()) });
    expect((await ask(own)).status).toBe(401);
    const logger = keepingLogger();
    const broken = handlerOf({ authorize: () => Promise.reject(new Error("canary")), logger });
    const response = await ask(broken);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("canary");
    expect(JSON.stringify(logger.lines)).toContain("canary");
  });

  it("is shown a new service token, once", async () => {
    const response = await ask(handlerOf(), session, "/v1/admin/issueServiceToken");
    expect(await response.json()).toEqual({ result: { id: "stk_1", token: goodToken } });
  });

  it("has no call that the control plane does not have, and none of a runtime", async () => {
    expect((await ask(handlerOf(), session, "/v1/admin/destroyRuntime")).status).toBe(400);
    expect((await ask(handlerOf(), session, "/v1/runtime/agents")).status).toBe(404);
  });

  it("changes nothing with a GET, nor asks who it is", async () => {
    const authorize = vi.fn<() => null>(() => null);
    const handler = handlerOf({ authorize });
    for (const method of ["GET", "HEAD", "OPTIONS"]) {
      const url = "https://platform.test/v1/admin/issueServiceToken";
      expect((await handler(new Request(url, { method, headers: session }))).status).toBe(405);
    }
    expect(authorize).not.toHaveBeenCalled();
  });
});

describe("promise 7: a runtime's token opens no admin call, even if authorize would take it", () => {
  it.each<[string, Record<string, string>, string]>([
    ["as a bearer", { authorization: `Bearer ${goodToken}` }, ""],
    ["as a bearer in small letters", { authorization: `bearer ${goodToken}` }, ""],
    ["without a scheme", { authorization: goodToken }, ""],
    ["in another header", { authorization: "", "x-api-key": goodToken }, ""],
    ["in a cookie", { authorization: "", cookie: `a=b; token=${goodToken}`, origin: "https://app.test" }, ""],
    ["in the address", { authorization: "" }, `?token=${goodToken}`],
    [
      "percent-encoded in a cookie",
      { authorization: "", cookie: `a=%22${goodToken}%22`, origin: "https://app.test" },
      "",
    ],
    ["percent-encoded in the address", { authorization: "" }, `?token=${goodToken.replace("_", "%5F")}`],
    ["as the password of Basic", { authorization: `Basic ${btoa(`u:${goodToken}`)}` }, ""],
    ["beside a good session", { ...session, "x-token": goodToken }, ""],
    ["of a droplet that boots", { authorization: `Bearer ${goodToken.replace("lcs", "lcb")}` }, ""],
  ])("%s", async (_, headers, query) => {
    const authorize = vi.fn<() => AuthorizedAdmin>(() => ({ actor: { id: "user-1" }, account: "acme" }));
    const handler = handlerOf({ authorize, allowedOrigins: ["https://app.test"] });
    const response = await ask(handler, headers, `/v1/admin/serviceTokens${query}`);
    expect(response.status).toBe(403);
    const text = await response.text();
    expect(text).toContain("ERR_FORBIDDEN");
    expect(text).not.toContain(goodToken);
    expect(authorize).not.toHaveBeenCalled();
  });
});

describe("a browser that sends a cookie", () => {
  const allowedOrigins = ["https://app.test"];
  const cookie = { authorization: "", cookie: "session=1" };

  it("is let in from a page of an allowed origin", async () => {
    const headers = { ...cookie, origin: "https://app.test" };
    expect((await ask(handlerOf({ allowedOrigins }), headers)).status).toBe(200);
  });

  it.each([
    ["another site", { origin: "https://evil.test" }],
    ["another port", { origin: "https://app.test:8443" }],
    ["another scheme", { origin: "http://app.test" }],
    ["a name that ends alike", { origin: "https://evil-app.test" }],
    ["a name that begins alike", { origin: "https://app.test.evil.test" }],
    ["a sandbox", { origin: "null" }],
    ["nowhere", {}],
  ])("is refused from a page of %s", async (_, origin) => {
    const authorize = vi.fn<() => AuthorizedAdmin>(() => ({ actor: { id: "user-1" }, account: "acme" }));
    const response = await ask(handlerOf({ allowedOrigins, authorize }), { ...cookie, ...origin });
    expect(response.status).toBe(403);
    expect((await errorOf(response))["message"]).toContain("allowed origin");
    expect(authorize).not.toHaveBeenCalled();
  });

  it("is refused from everywhere when no origin is allowed", async () => {
    expect((await ask(handlerOf(), { ...cookie, origin: "https://app.test" })).status).toBe(403);
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])(
    "is refused with a type that a form can send: %s",
    async (type) => {
      const headers = { ...cookie, origin: "https://app.test", "content-type": type };
      expect((await ask(handlerOf({ allowedOrigins }), headers)).status).toBe(415);
    },
  );

  it("does not need an origin when it sends no cookie, as a script does", async () => {
    expect((await ask(handlerOf({ allowedOrigins }))).status).toBe(200);
  });

  it.each(["app.test", "https://app.test/", "https://app.test/path", "null", "*"])(
    "cannot be allowed by %o, which is no origin",
    (origin) => {
      expect(() => handlerOf({ allowedOrigins: [origin] })).toThrow("allowedOrigins");
    },
  );
});

import { newLeaseId, newNotificationId } from "@lobstercontrol/core";
import { createAdminHandler, createRuntimeHandler, type Handler } from "@lobstercontrol/core/http";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { testVault } from "../test-vault.ts";

const controlPlane = createSqliteControlPlane({ path: ":memory:", vault: testVault });
afterAll(() => controlPlane.close());
let runtime: Handler;
let admin: Handler;
let token = "";

beforeAll(async () => {
  await controlPlane.platform.upsertAccount({ account: "acme" });
  token = (await controlPlane.admin({ id: "u" }, "acme").issueServiceToken()).token.reveal();
  runtime = createRuntimeHandler({ controlPlane });
  const authorize = () => ({ actor: { id: "u" }, account: "acme" });
  admin = createAdminHandler({ controlPlane, authorize });
});

const runtimeCalls = [
  "claim",
  "begin",
  "renew",
  "complete",
  "fail",
  "release",
  "agents",
  "providerKeys",
  "report",
];
const adminCalls = [
  "notifications",
  "deadLetters",
  "redrive",
  "messages",
  "issueServiceToken",
  "serviceTokens",
  "revokeServiceToken",
  "activities",
  "upsertProviderKey",
  "removeProviderKey",
  "listProviderKeys",
  "runtime",
];

const lease = fc.oneof(
  fc.constant({ notification: newNotificationId(0), id: newLeaseId() }),
  fc.record({ notification: fc.string(), id: fc.string() }),
);
/** What any call has for a field, good, nearly good, or anything. */
const field = fc.oneof(
  lease,
  fc.string({ unit: "binary" }),
  fc.constantFrom("", "\u0000", "\ud800", "w1", "online", "pending", "anthropic", newNotificationId(0)),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.record({
    kind: fc.constantFrom("reply", "empty"),
    text: fc.string({ unit: "binary" }),
    responseId: fc.constant(null),
  }),
  fc.record({
    outcome: fc.constantFrom("ran", "notSent"),
    reason: fc.record({ code: fc.string({ unit: "binary" }), message: fc.string({ unit: "binary" }) }),
    retryable: fc.boolean(),
    countsAttempt: fc.boolean(),
  }),
  fc.record({
    sessionMark: fc.dictionary(fc.string(), fc.oneof(fc.string({ unit: "binary" }), fc.double())),
  }),
  fc.anything(),
);
const fields = [
  "lease",
  "attempt",
  "outcome",
  "failure",
  "leaseMs",
  "workerId",
  "incarnation",
  "claimId",
  "limit",
  "after",
  "state",
  "agent",
  "notification",
  "id",
  "provider",
  "key",
  "status",
  "version",
  "conditions",
  "rosterRevision",
  "keysGeneration",
  "__proto__",
  "constructor",
];
const body = fc.oneof(
  { weight: 6, arbitrary: fc.dictionary(fc.constantFrom(...fields), field, { maxKeys: 8 }).map(jsonOf) },
  {
    weight: 1,
    arbitrary: fc
      .record(
        Object.fromEntries(
          ["workerId", "incarnation", "claimId"].map((name) => [
            name,
            fc.string({ unit: "binary", minLength: 1, maxLength: 9 }),
          ]),
        ),
        { requiredKeys: ["workerId", "incarnation", "claimId"] },
      )
      .map((names) => JSON.stringify({ ...names, limit: 1, leaseMs: 1 })),
  },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 20_000 }).map((depth) => "[".repeat(depth)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => new Uint8Array(bytes)) },
);

it("no body makes a handler throw or fail: it is answered, refused or not there", async () => {
  const seen = new Set<number>();
  const call = fc.oneof(
    fc.constantFrom(...runtimeCalls).map((name) => ({ area: "runtime" as const, name })),
    fc.constantFrom(...adminCalls).map((name) => ({ area: "admin" as const, name })),
  );
  await fc.assert(
    fc.asyncProperty(call, body, async ({ area, name }, sent) => {
      const request = new Request(`https://platform.test/v1/${area}/${name}`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${area === "runtime" ? token : "session"}`,
        },
        body: sent,
      });
      const response = await (area === "runtime" ? runtime : admin)(request);
      seen.add(response.status);
      expect(response.status).toBeLessThan(500);
      const answer = (await response.json()) as { error?: { code: string } };
      if (response.status !== 200) expect(answer.error?.code).toMatch(/^ERR_[A-Z_]+$/);
    }),
    { numRuns: 3_000 },
  );
  // Both sides of the edge were looked at.
  expect([...seen]).toEqual(expect.arrayContaining([200, 400, 409]));
}, 60_000);

it("no request at all makes a handler throw or fail", async () => {
  const path = fc.oneof(
    fc.webPath(),
    fc.constantFrom("/v1/runtime/watch", "/v1/runtime/claim", "/v1/admin/redrive"),
  );
  const header = fc.constantFrom(
    "authorization",
    "cookie",
    "origin",
    "content-type",
    "content-length",
    "accept",
  );
  const value = fc.oneof(
    fc.string({ unit: "grapheme-ascii" }),
    fc.constantFrom("application/json", "-1", "NaN", "1e99", "Bearer x"),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"),
      path,
      fc.dictionary(header, value),
      async (method, to, given) => {
        for (const handler of [runtime, admin]) {
          const headers = new Headers();
          for (const [name, text] of Object.entries(given)) headers.set(name, text);
          const request = new Request(`https://platform.test${to}`, {
            method,
            headers,
            ...(method === "GET" || method === "HEAD" ? {} : { body: "{}" }),
          });
          const response = await handler(request);
          expect(response.status).toBeLessThan(500);
          await response.body?.cancel();
        }
      },
    ),
    { numRuns: 1_000 },
  );
}, 60_000);

function jsonOf(value: unknown): string {
  try {
    return (
      JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner)) ??
      "null"
    );
  } catch {
    return "{}";
  }
}

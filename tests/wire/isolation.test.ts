/**
 * Promise 7, over the public functions of the example backend: whoever may not, is refused, in the same words whether the account
 * exists or not, and nothing is written. The functions are read from the app itself: a new one needs a case here.
 */
import { globSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ConvexHttpClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { api } from "../../examples/convex-app/convex/_generated/api.js";
import http from "../../examples/convex-app/convex/http.ts";
import { issuer } from "../../packages/convex/tests/local-deployment/open-app.ts";
import { exampleFolder, openExampleBackend, type ExampleBackend } from "./example-backend.ts";

const lease = {
  notification: "ntf_00000000-0000-4000-8000-000000000000",
  id: "lse_00000000-0000-4000-8000-000000000000",
};
const page = (account: string) => ({ account, limit: 10 });

type Args = (account: string, at: { thread: string }) => Record<string, unknown>;

/** What needs an admin of the account. */
const adminCases: Record<string, Args> = {
  "agents:upsert": (account) => ({ account, slug: "mine", name: "Mine", soul: "Mine." }),
  "lobster/admin:notifications": page,
  "lobster/admin:deadLetters": page,
  "lobster/admin:messages": page,
  "lobster/admin:activities": page,
  "lobster/admin:serviceTokens": (account) => ({ account }),
  "lobster/admin:listProviderKeys": (account) => ({ account }),
  "lobster/admin:runtime": (account) => ({ account }),
  "lobster/admin:redrive": (account) => ({ account, notification: lease.notification }),
  "lobster/admin:issueServiceToken": (account) => ({ account }),
  "lobster/admin:revokeServiceToken": (account) => ({ account, id: "stk_1" }),
  "lobster/admin:upsertProviderKey": (account) => ({ account, provider: "custom", key: "0123456789abcdef" }),
  "lobster/admin:removeProviderKey": (account) => ({ account, provider: "custom" }),
  "lobster/droplets:provisionRuntime": (account) => ({ account, spec: { region: "fra1" } }),
  "lobster/droplets:retryProvision": (account) => ({ account }),
  "lobster/droplets:destroyRuntime": (account) => ({ account }),
  "lobster/admin:restartRuntime": (account) => ({ account }),
  "lobster/admin:drainRuntime": (account) => ({ account }),
  "lobster/admin:resyncRuntime": (account) => ({ account }),
  "lobster/admin:upgradeRuntime": (account) => ({ account, target: "1.3.0" }),
};

/** What needs a member of the account. */
const memberCases: Record<string, Args> = {
  "threads:start": (account) => ({ account, title: "Mine" }),
  "threads:say": (account, { thread }) => ({ account, thread, text: "@writer mine" }),
  "threads:list": (account, { thread }) => ({ account, thread }),
  "flags:get": (account) => ({ account, name: "runtime_provisioning_enabled" }),
};

const report = {
  id: "r1",
  sequence: 1,
  workerId: "w1",
  incarnation: "i1",
  version: "1.0.0",
  gatewayVersion: null,
  status: "online",
  conditions: [],
  rosterRevision: 0,
  keysGeneration: 0,
  keysConfirmed: 0,
  nextInMs: 15_000,
  ended: [],
};
const failure = {
  outcome: "ran",
  reason: { code: "ERR_X", message: "x" },
  retryable: true,
  countsAttempt: true,
};

/** What needs a good service token. */
const runtimeCases: Record<string, Record<string, unknown>> = {
  "lobster/runtime:isThereWork": {},
  "lobster/runtime:agents": {},
  "lobster/runtime:providerKeys": {},
  "lobster/runtime:claim": {
    request: { workerId: "w1", incarnation: "i1", claimId: "c1", limit: 1, leaseMs: 1_000 },
  },
  "lobster/runtime:begin": { lease, attempt: { sessionMark: null } },
  "lobster/runtime:renew": { lease, leaseMs: 1_000 },
  "lobster/runtime:complete": { lease, outcome: { kind: "empty", responseId: null } },
  "lobster/runtime:fail": { lease, failure },
  "lobster/runtime:release": { lease },
  "lobster/runtime:report": { report },
};

/** What needs a good bootstrap token. */
const bootstrapCases: Record<string, Record<string, unknown>> = {
  "lobster/bootstrap:exchange": { serviceTokenHash: "ab".repeat(32) },
  "lobster/bootstrap:phase": { phase: "docker", ok: false },
};

let backend: ExampleBackend;
let thread: string;

beforeEach(async () => {
  backend = await openExampleBackend();
  const { operator } = backend;
  await run(operator, "seed:member", {
    account: "acme",
    user: `${issuer}|max`,
    name: "Max",
    role: "member",
  });
  await run(operator, "seed:member", {
    account: "other",
    user: `${issuer}|olga`,
    name: "Olga",
    role: "admin",
  });
  thread = await as("bea").mutation(api.threads.start, { account: "acme", title: "Secret" });
});
afterEach(() => backend.close());

const as = (user: string | null): ConvexHttpClient => backend.as(user);

/** Calls a function whose kind is not known. */
async function run(client: ConvexHttpClient, name: string, args: Record<string, unknown>): Promise<unknown> {
  const anyKind = client as unknown as {
    function(f: unknown, component: undefined, args: unknown): Promise<unknown>;
  };
  return await anyKind.function(makeFunctionReference(name), undefined, args);
}

/** All that acme's admin can see. */
async function look(): Promise<unknown> {
  const { admin } = api.lobster;
  const bea = as("bea");
  const account = "acme";
  return [
    await bea.query(admin.notifications, { account }),
    await bea.query(admin.activities, { account }),
    await bea.query(admin.serviceTokens, { account }),
    await bea.query(admin.runtime, { account }),
    await bea.query(api.threads.list, { account, thread: thread as never }),
  ];
}

async function refusal(
  client: ConvexHttpClient,
  name: string,
  args: Record<string, unknown>,
): Promise<unknown> {
  const told = await run(client, name, args).then(
    () => "it was answered",
    (error: { data?: unknown }) => error.data,
  );
  return told;
}

/** What was answered, or the error as data. */
async function answerOrRefusal(
  client: ConvexHttpClient,
  name: string,
  args: Record<string, unknown>,
): Promise<unknown> {
  return await run(client, name, args).catch(
    (error: { data?: unknown; message: string }) => error.data ?? error.message,
  );
}

/** But for the id that was asked about. */
const nameless = (told: unknown): string => JSON.stringify(told).replaceAll(/ntf_[\w-]+/g, "ID");

describe("promise 7: the public functions of the example backend", () => {
  it("each have a case here", async () => {
    const found: string[] = [];
    for (const file of globSync("**/*.ts", { cwd: exampleFolder }).filter(
      (name) => !/_generated|convex\.config/.test(name),
    )) {
      const loaded = (await import(pathToFileURL(join(exampleFolder, file)).href)) as Record<
        string,
        { isPublic?: boolean }
      >;
      for (const [name, value] of Object.entries(loaded))
        if (value?.isPublic === true) found.push(`${file.replace(/\.ts$/, "")}:${name}`);
    }
    const cases = [adminCases, memberCases, runtimeCases, bootstrapCases].flatMap((all) => Object.keys(all));
    expect(cases.toSorted()).toEqual(found.toSorted());
  });

  const strangers = { "nobody who has signed in": null, "an admin of another account": "olga" };
  it.each(Object.entries({ ...strangers, "a member who is no admin": "max" }))(
    "of admins refuse %s, tell nothing of whether there is the account, and store nothing",
    async (_, user) => {
      const before = await look();
      for (const [name, args] of Object.entries(adminCases)) {
        const told = await refusal(as(user), name, args("acme", { thread }));
        expect({ name, told }).toMatchObject({ name, told: { code: "ERR_FORBIDDEN" } });
        expect([name, await refusal(as(user), name, args("nobody", { thread }))]).toEqual([name, told]);
      }
      expect(await look()).toEqual(before);
    },
  );

  it.each(Object.entries(strangers))("of members refuse %s just so", async (_, user) => {
    const before = await look();
    for (const [name, args] of Object.entries(memberCases)) {
      const told = await refusal(as(user), name, args("acme", { thread }));
      expect({ name, told }).toMatchObject({ name, told: { code: "ERR_FORBIDDEN" } });
      expect([name, await refusal(as(user), name, args("nobody", { thread }))]).toEqual([name, told]);
    }
    expect(await look()).toEqual(before);
  });

  it("of members give a member of another account nothing of a thread whose id it has learned", async () => {
    await as("bea").mutation(api.threads.say, { account: "acme", thread: thread as never, text: "canary" });
    expect(await run(as("olga"), "threads:list", { account: "other", thread })).toEqual([]);
    const args = { account: "other", thread, text: "mine" };
    expect(await refusal(as("olga"), "threads:say", args)).toMatchObject({ code: "ERR_FORBIDDEN" });
  });

  it("of runtimes refuse every token but a good one, whoever brings it, and store nothing", async () => {
    const { admin } = api.lobster;
    const { id, token: revoked } = await as("bea").action(admin.issueServiceToken, { account: "acme" });
    await as("bea").mutation(admin.revokeServiceToken, { account: "acme", id });
    const before = await look();
    const invented = ["lcs", "0123456789abcdef0123456789abcdef"].join("_");
    for (const [name, args] of Object.entries(runtimeCases)) {
      for (const token of [revoked, invented, "", "bea"]) {
        for (const client of [as(null), as("bea")])
          expect([name, await refusal(client, name, { ...args, token })]).toMatchObject([
            name,
            { code: "ERR_UNAUTHORIZED" },
          ]);
      }
    }
    expect(await look()).toEqual(before);
  });

  it("of runtimes give another account's runtime nothing of this one, and store nothing here", async () => {
    const { admin } = api.lobster;
    await as("bea").mutation(api.threads.say, {
      account: "acme",
      thread: thread as never,
      text: "@writer canary",
    });
    const { token: own } = await as("bea").action(admin.issueServiceToken, { account: "acme" });
    const [claim] = (await run(as(null), "lobster/runtime:claim", {
      ...runtimeCases["lobster/runtime:claim"],
      token: own,
    })) as [{ lease: { id: string; notification: string } }];
    const held = { notification: claim.lease.notification, id: claim.lease.id };
    await run(backend.operator, "seed:another", { slug: "other", name: "Other" });
    const { token } = await as("olga").action(admin.issueServiceToken, { account: "other" });
    const before = await look();
    for (const [name, args] of Object.entries(runtimeCases)) {
      const invented = await answerOrRefusal(as(null), name, { ...args, token });
      expect(`${name} ${JSON.stringify(invented)}`).not.toMatch(/writer|canary|acme/);
      // What there is, of somebody else, is told of in the same words as what there is not.
      if (!("lease" in args)) continue;
      expect([name, invented]).toMatchObject([name, { code: expect.stringMatching(/^ERR_/) }]);
      const real = await answerOrRefusal(as(null), name, { ...args, lease: held, token });
      expect([name, nameless(real)]).toEqual([name, nameless(invented)]);
    }
    expect(await look()).toEqual(before);
  });

  it("of droplets refuse every token but a good one, and store nothing", async () => {
    const before = await look();
    for (const [name, args] of Object.entries(bootstrapCases)) {
      for (const bootstrapToken of ["", "bea", ["lcb", "0123456789abcdef0123456789abcdef"].join("_")])
        expect([name, await refusal(as("bea"), name, { ...args, bootstrapToken })]).toMatchObject([
          name,
          { code: "ERR_BOOTSTRAP_TOKEN" },
        ]);
    }
    expect(await look()).toEqual(before);
  });

  it("of the HTTP routes refuse every token but a good one, and store nothing", async () => {
    expect(http.getRoutes().map(([path, method]) => `${method} ${path}`)).toEqual([
      "POST /lobster/v1/bootstrap/*",
      "POST /lobster/v1/runtime/*",
    ]);
    const before = await look();
    const paths = Object.entries({ ...runtimeCases, ...bootstrapCases }).map(
      ([name, body]): [string, Record<string, unknown>] => [name.replace(/^.*\/(\w+):/, "$1/"), body],
    );
    for (const [path, body] of paths) {
      // A runtime that speaks HTTP polls.
      if (path === "runtime/isThereWork") continue;
      for (const token of ["", "bea", "user:bea", ["lcs", "0123456789abcdef0123456789abcdef"].join("_")]) {
        const answer = await fetch(`${backend.url}/lobster/v1/${path}`, {
          method: "POST",
          headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
          // What has one argument beside the token is that argument here.
          body: JSON.stringify(body["request"] ?? body["report"] ?? body),
        });
        expect([path, answer.status]).toEqual([path, 401]);
      }
    }
    expect(await look()).toEqual(before);
  });

  it("are all: what is internal is found by nobody who has no admin key", async () => {
    for (const name of [
      "seed:acme",
      "seed:another",
      "seed:member",
      "authz:member",
      "flags:set",
      "upkeep:forget",
    ])
      await expect(run(as("bea"), name, {})).rejects.toThrow("Could not find public function");
  });
});

/**
 * A deployment runs a mutation again when another one got in its way, and gives it no randomness worth the name. The mock does
 * neither, so it is done here: every mutation and query of the component is called with all randomness taken away, and the
 * whole story is told twice, and has to come to the same.
 */
import { accountId, dropletSpec, parse, provisionTransition } from "@lobstercontrol/core";
import { reportOf } from "@lobstercontrol/core/testing";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { api, internal } from "../src/component/_generated/api.ts";
import { claimArgs, componentModules, createComponent, hashOf, leaseOf, notifyArgs } from "./component.ts";

const start = 1_700_000_000_000;
const called = new Set<string>();

beforeEach(() => {
  const refuse = (): never => {
    throw new Error("no randomness in a query or a mutation");
  };
  vi.spyOn(Math, "random").mockImplementation(refuse);
  vi.spyOn(crypto, "randomUUID").mockImplementation(refuse);
  vi.spyOn(crypto, "getRandomValues").mockImplementation(refuse);
  vi.spyOn(crypto.subtle, "generateKey").mockImplementation(refuse);
  vi.stubEnv("SECRETS_MASTER_KEY_BASE64", btoa("0123456789abcdef0123456789abcdeF"));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** Calls everything; gives all that was answered. */
async function tellStory(): Promise<unknown[]> {
  let now = start;
  vi.spyOn(Date, "now").mockImplementation(() => now);
  const t = createComponent();
  const answers: unknown[] = [];
  const account = "acme";
  const actor = "user-1";
  const tokenHash = hashOf(account);
  const kept = async <Answer>(name: string, answer: Promise<Answer>): Promise<Answer> => {
    called.add(name);
    answers.push([name, await answer]);
    now += 1_000;
    return await answer;
  };

  const { platform, delivery, admin, operator, provision, upkeep, upgrade, secrets } = api;
  await kept("platform:upsertAccount", t.mutation(platform.upsertAccount, { account }));
  for (const agent of ["writer", "reviewer"])
    await kept(
      "platform:upsertAgent",
      t.mutation(platform.upsertAgent, { account, agent, heartbeatEveryMs: 60_000 }),
    );
  const token = { account, actor, id: "stk_1", hash: tokenHash };
  await kept("admin:issueServiceToken", t.mutation(admin.issueServiceToken, token));
  for (const thread of ["t1", "t2", "t3", "t4"])
    await kept("platform:notify", t.mutation(platform.notify, notifyArgs(account, thread)));
  await kept("upgrade:step", t.mutation(upgrade.step, {}));
  await kept("delivery:isThereWork", t.query(delivery.isThereWork, { tokenHash }));
  const { claims } = await kept("delivery:claim", t.mutation(delivery.claim, claimArgs(tokenHash)));
  const [first, second, third, fourth] = claims.map(({ claim }) => leaseOf(claim.lease));
  const attempt = { sessionMark: { turns: 1 } };
  await kept("delivery:begin", t.mutation(delivery.begin, { tokenHash, lease: first!, attempt }));
  await kept("delivery:renew", t.mutation(delivery.renew, { tokenHash, lease: first!, leaseMs: 60_000 }));
  const outcome = { kind: "reply", text: "Hello", responseId: null } as const;
  await kept("delivery:complete", t.mutation(delivery.complete, { tokenHash, lease: first!, outcome }));
  const failure = { outcome: "ran", retryable: false, countsAttempt: true } as const;
  const reason = { code: "ERR_RUN_FAILED", message: "It failed." };
  const wait = { backoff: { baseMs: 1_000, capMs: 60_000 }, random: 0.5 };
  await kept(
    "delivery:fail",
    t.mutation(delivery.fail, { tokenHash, lease: second!, failure: { ...failure, reason }, ...wait }),
  );
  await kept("delivery:release", t.mutation(delivery.release, { tokenHash, lease: third! }));
  await kept("delivery:agents", t.query(delivery.agents, { tokenHash }));
  await kept("delivery:holder", t.query(delivery.holder, { tokenHash }));
  await kept("admin:direct", t.mutation(admin.direct, { account, actor, kind: "restart", target: null }));
  const report = reportOf({ id: "r1", sequence: 1, workerId: "w1", incarnation: "i1" });
  const { directives } = await kept("delivery:report", t.mutation(delivery.report, { tokenHash, report }));
  const ended = [{ id: directives[0]!.id, ok: true, message: "" }];
  await kept(
    "delivery:report",
    t.mutation(delivery.report, { tokenHash, report: { ...report, sequence: 2, ended } }),
  );
  await kept(
    "admin:redrive",
    t.mutation(admin.redrive, { account, actor, notification: second!.notification }),
  );

  const droplet = provisionTransition(
    null,
    {
      type: "requested",
      account: parse(accountId, account, "account"),
      spec: dropletSpec.parse({ region: "fra1" }),
      actor,
      nonce: "n1",
      createBy: now + 600_000,
    },
    now,
  );
  const stored = {
    record: JSON.stringify({ ...droplet.record, revision: 1 }),
    activities: droplet.activities,
  };
  await kept("provision:write", t.mutation(provision.write, stored));
  await kept("provision:read", t.query(provision.read, { account }));
  await kept("provision:page", t.query(provision.page, { after: null, limit: 10 }));
  await kept("provision:byBootstrapToken", t.query(provision.byBootstrapToken, { hash: "none" }));

  const record = {
    id: "pky_1",
    account,
    provider: "anthropic",
    version: 1,
    envelope: "sealed",
    last4: "abcd",
    fingerprint: "print",
    updatedAt: now,
    updatedBy: actor,
  };
  const activity = { type: "secret_updated", actor, subject: "anthropic", at: now };
  const own = internal.secrets;
  await kept("secrets:put", t.mutation(own.put, { record, activity }));
  await kept("secrets:read", t.query(own.read, { account }));
  await kept("secrets:page", t.query(own.page, { after: null, limit: 10 }));
  await kept(
    "secrets:rewrap",
    t.mutation(own.rewrap, { record: { ...record, envelope: "anew" }, envelope: "sealed", activity }),
  );
  await kept("secrets:addActivities", t.mutation(own.addActivities, { account, activities: [activity] }));
  await kept("secrets:listProviderKeys", t.query(secrets.listProviderKeys, { account }));
  await kept("secrets:remove", t.mutation(own.remove, { account, provider: "anthropic", activity }));

  now += 10 * 60_000;
  await kept("upkeep:sweep", t.mutation(internal.upkeep.sweep, {}));
  await expect(t.mutation(delivery.renew, { tokenHash, lease: fourth!, leaseMs: 1_000 })).rejects.toThrow(
    /LEASE_LOST/,
  );
  await kept("delivery:claim", t.mutation(delivery.claim, claimArgs(tokenHash, { claimId: "c2" })));
  await kept("admin:runtime", t.query(admin.runtime, { account }));
  await kept("operator:fleet", t.query(operator.fleet, { after: null, limit: 10 }));
  await kept("platform:removeAgent", t.mutation(platform.removeAgent, { account, agent: "reviewer" }));
  await kept("admin:serviceTokens", t.query(admin.serviceTokens, { account }));
  await kept(
    "admin:revokeServiceToken",
    t.mutation(admin.revokeServiceToken, { account, actor, id: "stk_1" }),
  );
  await kept("platform:closeAccount", t.mutation(platform.closeAccount, { account }));
  await kept("platform:messages", t.query(platform.messages, {}));
  await kept("admin:notifications", t.query(admin.notifications, { account }));
  await kept("admin:messages", t.query(admin.messages, { account }));
  await kept("admin:activities", t.query(admin.activities, { account }));
  now += 100 * 24 * 60 * 60_000;
  await kept("upkeep:forget", t.mutation(upkeep.forget, { days: 90 }));
  expect(await t.query(platform.messages, {})).toMatchObject({ messages: [] });
  return answers;
}

it("comes to the same when it is told again, with no randomness at all", async () => {
  const once = await tellStory();
  expect(await tellStory()).toEqual(once);
});

it("leaves no query and no mutation of the component out", async () => {
  const all: string[] = [];
  for (const [path, load] of Object.entries(componentModules)) {
    const module = /\/component\/(\w+)\.ts$/.exec(path)?.[1];
    if (module === undefined) continue;
    for (const [name, value] of Object.entries((await load()) as Record<string, unknown>)) {
      if (typeof value === "function" && ("isQuery" in value || "isMutation" in value))
        all.push(`${module}:${name}`);
    }
  }
  expect(all.length).toBeGreaterThan(30);
  expect(all.filter((name) => !called.has(name))).toEqual([]);
});

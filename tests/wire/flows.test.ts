/** What a platform, an admin and a runtime do together, over the wire: on convex-test, and on a deployment when one is given. */
import { Secret, UnauthorizedError, type RuntimePort } from "@lobstercontrol/core";
import { reportOf } from "@lobstercontrol/core/testing";
import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { createMockGateway, listenMockGateway } from "@lobstercontrol/openclaw-client/testing";
import { createRuntime } from "@lobstercontrol/runtime";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { internal } from "../../packages/convex/tests/app/convex/_generated/api.js";
import { subjectOver } from "../../packages/convex/tests/subject.ts";
import { givenBackend, startBackend, type Backend } from "./backend.ts";

const patience = { timeout: 10_000 };
let backend: Backend;
let account: string;
let subject: ReturnType<typeof subjectOver>;
let admin: ReturnType<(typeof subject)["admin"]>;
let token: Secret;
let port: RuntimePort;

beforeEach(async () => {
  backend = givenBackend(process.env) ?? (await startBackend());
  subject = subjectOver(backend);
  // A deployment keeps what other runs have stored.
  account = `acme-${crypto.randomUUID()}`;
  await subject.platform.upsertAccount({ account });
  await subject.platform.upsertAgent({ account, agent: "writer", ref: "agent-7" });
  admin = subject.admin({ id: "user-1" }, account);
  ({ token } = await admin.issueServiceToken());
  port = subject.runtime(token);
});
afterEach(() => backend.close());

const notify = (thread: string, input = "Say hello") =>
  subject.platform.notify({
    account,
    agent: "writer",
    thread,
    input,
    idempotencyKey: crypto.randomUUID(),
  });

const claim = (over = {}) =>
  port.claim({
    workerId: "w1",
    incarnation: "i1",
    claimId: crypto.randomUUID(),
    limit: 10,
    leaseMs: 30_000,
    ...over,
  });

async function startRuntime(reply: string): Promise<void> {
  const gatewayToken = new Secret(crypto.randomUUID());
  const gateway = createMockGateway({
    token: gatewayToken.reveal(),
    agents: ["writer"],
    reply: () => ({ text: reply }),
  });
  const server = await listenMockGateway(gateway);
  const runtime = createRuntime({
    port,
    client: createOpenClawClient({ baseUrl: server.url, token: gatewayToken }),
    // So that a wake-up is what is seen, and no poll.
    pollMs: 60_000,
  });
  runtime.start();
  onTestFinished(async () => {
    await runtime.stop({ graceMs: 1_000 });
    await server.close();
  });
}

describe("a runtime on Convex", () => {
  it("is woken by a notification, delivers it, and its reply stands in the app's own table", async () => {
    await startRuntime("Hello");
    const thread = crypto.randomUUID();
    await notify(thread);
    const posted = async () =>
      (await backend.operator.query(internal.platform.posted, {})).filter((row) => row.thread === thread);
    await expect.poll(posted, patience).toMatchObject([{ text: "Hello", ref: "agent-7" }]);
    expect((await admin.messages()).items).toMatchObject([{ thread, text: "Hello" }]);
  });

  it("promise 3: hands its reply in again when the app refused it, and nothing was stored before", async () => {
    const id = await notify("t1");
    const [claimed] = await claim();
    const outcome = { kind: "reply", text: "not in this thread", responseId: null } as const;
    await expect(port.complete(claimed!.lease, outcome)).rejects.toThrow(/unexpectedly/);
    expect((await admin.messages()).items).toEqual([]);
    expect((await admin.notifications()).items).toMatchObject([{ id, state: "leased" }]);
    expect(await port.complete(claimed!.lease, { ...outcome, text: "better" })).toEqual({
      message: "posted",
    });
  });

  it("is told the app's context of a thread; one that the app has lost waits, and the others go on", async () => {
    const lost = await notify("no-context");
    await notify("with-context");
    const claims = await claim();
    expect(claims).toMatchObject([{ thread: "with-context", instructions: "You are agent-7." }]);
    expect(claims[0]!.input).toContain("> Bea: Hello");
    const { items } = await admin.notifications({ state: "pending" });
    expect(items).toMatchObject([{ id: lost, lastError: { code: "ERR_CONTEXT" } }]);
    expect(JSON.stringify(items)).not.toContain("the app has lost");
  });

  it("promise 9: learns of a new provider key by a wake-up, and proves that its gateway has it", async () => {
    const woken: number[] = [];
    const stop = new AbortController();
    port.watch!(() => woken.push(0), stop.signal);
    onTestFinished(() => stop.abort());
    await expect.poll(() => woken.length, patience).toBeGreaterThan(0);
    const before = woken.length;
    const key = new Secret(["sk", "ant", "0123456789abcdef", "abcd"].join("-"));
    await admin.upsertProviderKey({ provider: "anthropic", key });
    await expect.poll(() => woken.length, patience).toBeGreaterThan(before);
    const { generation, keys } = await port.providerKeys();
    expect(keys.map((one) => one.key.reveal())).toEqual([key.reveal()]);
    await port.report(reportOf({ keysGeneration: generation, keysConfirmed: generation }));
    expect(await admin.listProviderKeys()).toMatchObject([{ state: "confirmed" }]);
  });

  it("is woken again after its connection was cut", async ({ skip }) => {
    if (backend.dropSockets === null) return skip("the connections of a deployment are not ours to cut");
    let calls = 0;
    const stop = new AbortController();
    port.watch!(() => calls++, stop.signal);
    onTestFinished(() => stop.abort());
    await expect.poll(() => calls, patience).toBeGreaterThan(0);
    backend.dropSockets();
    const before = calls;
    await notify("t1");
    await expect.poll(() => calls, patience).toBeGreaterThan(before);
  });

  it("is shut out at once when its token is revoked", async () => {
    const [issued] = await admin.serviceTokens();
    await admin.revokeServiceToken(issued!.id);
    await expect(claim()).rejects.toThrow(UnauthorizedError);
  });

  it("promise 11: is degraded, and online again, as its conditions say", async () => {
    const provider = {
      type: "ProviderAuthorized",
      status: "false",
      reason: "KeyRefused",
      message: "The provider refuses the key.",
      runbook: "https://example.com/ProviderAuthorized",
      forMs: 0,
    } as const;
    await port.report(reportOf({ status: "degraded", conditions: [provider] }));
    expect(await admin.runtime()).toMatchObject({
      status: "degraded",
      conditions: [{ reason: "KeyRefused" }],
    });
    await port.report(reportOf());
    expect((await admin.runtime()).status).toBe("online");
  });
});

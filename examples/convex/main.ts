/**
 * The example backend `examples/convex-app`, run without a Convex account: on convex-test, behind Convex's real clients on
 * loopback. A person writes in a thread and names an agent; the runtime delivers it; the agent's reply names another agent,
 * which is told in turn; the person's page sees each message as it comes, by a subscription.
 */
import { parseArgs } from "node:util";
import { LobsterError, Secret } from "@lobstercontrol/core";
import { createConvexRuntimePort } from "@lobstercontrol/convex/runtime";
import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { createMockGateway, listenMockGateway } from "@lobstercontrol/openclaw-client/testing";
import { createRuntime } from "@lobstercontrol/runtime";
import { ConvexClient, ConvexHttpClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { issuer, openApp } from "../../packages/convex/tests/local-deployment/open-app.ts";
import { api } from "../convex-app/convex/_generated/api.js";
import schema from "../convex-app/convex/schema.ts";

const help = `pnpm example convex [options]

  (no option)                  a mock gateway in this process answers; no agent is real
  --gateway URL --token TOKEN  a gateway that is running already; it must have the agents writer and reviewer
  --help                       this text`;

const account = "acme";
const bea = "bea";
const adminKey = "the example's own";

/** What has to be ended, the last first. */
const ends: (() => Promise<unknown>)[] = [];
try {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    options: { gateway: text, token: text, help: { type: "boolean" } },
  });
  if (values.help === true) console.log(help);
  else await tellStory(values.gateway, values.token);
} catch (error) {
  process.exitCode = 1;
  console.error(LobsterError.isInstance(error) ? `${error.message} ${error.hint}` : error);
} finally {
  for (const end of ends.toReversed()) await end();
}

async function tellStory(gatewayUrl: string | undefined, gatewayToken: string | undefined): Promise<void> {
  console.log(
    "This is not a Convex deployment: convex-test, a mock in memory, serves the functions of examples/convex-app.\n" +
      "Convex's own clients talk to it; with a Convex account, `npx convex dev` in that folder makes a real one.\n",
  );
  const gateway = await openGateway(gatewayUrl, gatewayToken);
  const deployment = await openApp({
    folder: new URL("../convex-app/convex", import.meta.url).pathname,
    schema,
    adminKey,
  });
  ends.push(() => deployment.close());
  const { url } = deployment;

  const serviceToken = await setUp(url);
  const runtime = createRuntime({
    port: createConvexRuntimePort({ url, serviceToken }),
    client: createOpenClawClient({ baseUrl: gateway.url, token: gateway.token }),
    onEvent(event) {
      if (event.type === "failed") console.log(`  (${event.claim.agent}: ${event.failure.reason.message})`);
    },
  });
  runtime.start();
  ends.push(() => runtime.stop({ graceMs: 1_000 }));
  console.log("The runtime is connected; it is woken by a subscription.\n");

  const startedAt = performance.now();
  const page = signedIn(url);
  const thread = await page.mutation(api.threads.start, { account, title: "Launch post" });
  await page.mutation(api.threads.say, {
    account,
    thread,
    text: "@writer a title for the launch post, please.",
  });
  const said = await watchThread(url, thread, gateway.isMock ? 3 : 2);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(`\n${said} messages in ${seconds} s, each seen by a subscription as it came.`);
}

/** Prints what is said as it comes, until so many have spoken. */
async function watchThread(
  url: string,
  thread: typeof api.threads.list._args.thread,
  wanted: number,
): Promise<number> {
  const client = new ConvexClient(url, { logger: false });
  ends.push(() => client.close());
  client.setAuth(async () => `user:${bea}`);
  let printed = 0;
  return await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("Nobody answered within two minutes.")), 120_000);
    client.onUpdate(
      api.threads.list,
      { account, thread },
      (messages) => {
        for (const { from, text } of messages.slice(printed)) console.log(`  ${from}: ${text}`);
        printed = messages.length;
        if (printed < wanted) return;
        clearTimeout(late);
        resolve(printed);
      },
      reject,
    );
  });
}

/** An account, its agents and its admin, and the service token that the admin gives to the runtime. */
async function setUp(url: string): Promise<Secret> {
  const operator = httpClient(url) as ConvexHttpClient & { setAdminAuth(key: string): void };
  operator.setAdminAuth(adminKey);
  await operator.mutation(makeFunctionReference<"mutation">("seed:acme"), { user: `${issuer}|${bea}` });
  const { token } = await signedIn(url).action(api.lobster.admin.issueServiceToken, { account });
  return new Secret(token);
}

function signedIn(url: string): ConvexHttpClient {
  const page = httpClient(url);
  page.setAuth(`user:${bea}`);
  return page;
}

function httpClient(url: string): ConvexHttpClient {
  return new ConvexHttpClient(url, { logger: false });
}

async function openGateway(url: string | undefined, token = "") {
  if (url !== undefined) return { url, token: new Secret(token), isMock: false };
  const secret = new Secret(crypto.randomUUID());
  const gateway = createMockGateway({
    token: secret.reveal(),
    agents: ["writer", "reviewer"],
    reply: ({ agent }) => ({
      delayMs: 20,
      text: agent === "writer" ? '"Meet your lobster". @reviewer is it clear?' : "It is. Ship it.",
    }),
  });
  const server = await listenMockGateway(gateway);
  ends.push(() => server.close());
  return { url: server.url, token: secret, isMock: true };
}

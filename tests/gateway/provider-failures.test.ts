import { expect } from "vitest";
import type { OpenClawConfig } from "../../examples/quickstart/gateway/config.ts";
import { describeGateway, newConversation, startTestGateway, test as base } from "./fixture.ts";
import { clientSending } from "./raw.ts";

/** What the gateway makes of what a provider answers: the status of a whole answer, and the code in the failed response. */
const failures = [
  { provider: "FAIL=400", status: 400, gatewayType: "invalid_request_error" },
  { provider: "FAIL=401", status: 401, gatewayType: "authentication_error" },
  { provider: "FAIL=402", status: 402, gatewayType: "insufficient_quota" },
  { provider: "FAIL=403", status: 403, gatewayType: "authentication_error" },
  { provider: "FAIL=404", status: 404, gatewayType: "invalid_request_error" },
  { provider: "FAIL=408", status: 408, gatewayType: "api_error" },
  { provider: "FAIL=413", status: 500, gatewayType: "api_error" },
  { provider: "FAIL=429", status: 429, gatewayType: "rate_limit_error" },
  { provider: "FAIL=500", status: 502, gatewayType: "api_error" },
  { provider: "FAIL=503", status: 502, gatewayType: "api_error" },
  { provider: "FAIL=529", status: 529, gatewayType: "api_error" },
  { provider: "DROP", status: 408, gatewayType: "api_error" },
];

/** After a 401 or 402 the gateway does not ask that provider again for minutes, so each case has one of its own. */
const providerOf = (failure: string, mode: string): string =>
  `${mode}-${failure.toLowerCase().replace("=", "-")}`;

const runTimeoutSeconds = 6;

function amend(config: OpenClawConfig): object {
  const { local } = config.models.providers;
  const ids = failures.flatMap(({ provider }) =>
    ["create", "stream", "raw"].map((mode) => providerOf(provider, mode)),
  );
  return {
    ...config,
    models: {
      ...config.models,
      providers: { ...config.models.providers, ...Object.fromEntries(ids.map((id) => [id, local])) },
    },
    agents: { ...config.agents, defaults: { ...config.agents.defaults, timeoutSeconds: runTimeoutSeconds } },
  };
}

const test = base.extend("failing", { scope: "file" }, async ({ models }, { onCleanup }) => {
  const gateway = await startTestGateway(models, { amend });
  onCleanup(() => gateway.stop());
  return gateway;
});

describeGateway.each(failures)("a provider's $provider", ({ provider, status, gatewayType }) => {
  const input = provider;
  const model = (mode: string) => `${providerOf(provider, mode)}/demo`;
  const failed = { code: "ERR_RUN_FAILED", outcome: "ran", blames: "run", gatewayType };

  test("fails create", async ({ failing, models }) => {
    const before = models.calls.length;
    const request = { ...newConversation(), input, model: model("create") };

    await expect(failing.client.responses.create(request)).rejects.toMatchObject(failed);
    // Its own retries are off; a prompt that the provider finds too long it shortens some times before it gives up.
    if (provider !== "FAIL=413") expect(models.calls).toHaveLength(before + 1);
  });

  test("fails a stream after its opening events", async ({ failing }) => {
    const request = { ...newConversation(), input, model: model("stream") };
    const stream = failing.client.responses.stream(request);
    const types: string[] = [];
    const read = (async () => {
      for await (const event of stream) types.push(event.type);
    })();

    await expect(read).rejects.toMatchObject({ ...failed, responseId: expect.stringMatching(/^resp_/) });
    await expect(stream.final()).rejects.toMatchObject(failed);
    expect(types).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.failed",
    ]);
  });

  test("is a failed response, not the gateway's own error, in a whole answer", async ({ failing }) => {
    const { agent, sessionKey } = newConversation();
    const client = clientSending(failing, {
      body: { model: `openclaw/${agent}`, input },
      headers: { "x-openclaw-model": model("raw") },
    });

    await expect(client.responses.create({ agent, sessionKey, input })).rejects.toMatchObject({
      ...failed,
      status,
      responseId: expect.stringMatching(/^resp_/),
    });
  });
});

describeGateway("a provider that does not answer", () => {
  const hung = { code: "ERR_RUN_FAILED", outcome: "ran", gatewayType: "api_error" };

  test("fails create when the gateway's own time for a run is up", async ({ failing, models }) => {
    const request = { ...newConversation(), input: "HANG in create" };

    await expect(failing.client.responses.create(request)).rejects.toMatchObject(hung);
    expect(models.calls.at(-1)).toMatchObject({ text: request.input, aborted: true });
  });

  test("fails a stream that has begun", async ({ failing, models }) => {
    const request = { ...newConversation(), input: "HANG in a stream" };
    const stream = failing.client.responses.stream(request);
    const types: string[] = [];
    const read = (async () => {
      for await (const event of stream) types.push(event.type);
    })();

    await expect(read).rejects.toMatchObject(hung);
    expect([types.at(0), types.at(-1)]).toEqual(["response.created", "response.failed"]);
    expect(models.calls.at(-1)).toMatchObject({ text: request.input, aborted: true });
  });

  test("is not waited for by a client with less patience", async ({ failing }) => {
    const request = { ...newConversation(), input: "HANG for long", idleTimeoutMs: 1500 };

    await expect(failing.client.responses.create(request)).rejects.toMatchObject({
      code: "ERR_RUN_TIMEOUT",
      timeout: "idle",
      outcome: "maybeRan",
    });
  });
});

describeGateway("a 401", () => {
  test("of the gateway is told from a provider's by its shape", async ({ failing }) => {
    const { agent, sessionKey } = newConversation();
    const stranger = clientSending(failing, { headers: { authorization: "Bearer wrong" } });
    const refused = stranger.responses.create({ agent, sessionKey, input: "hello" });

    await expect(refused).rejects.toMatchObject({
      code: "ERR_GATEWAY_UNAUTHORIZED",
      status: 401,
      outcome: "refused",
      blames: "gateway",
      gatewayType: "unauthorized",
      responseId: null,
    });
  });

  test("of a provider leaves the gateway and its other providers in good order", async ({ failing }) => {
    expect(await failing.client.probe()).toMatchObject({ ready: true, authorized: true });
    const response = await failing.client.responses.create({ ...newConversation(), input: "hello" });
    expect(response).toMatchObject({ status: "completed" });
  });
});

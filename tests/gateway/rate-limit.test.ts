import { GatewayRateLimitedError } from "@lobstercontrol/openclaw-client";
import { expect, onTestFinished } from "vitest";
import { describeGateway, newConversation, startTestGateway, test } from "./fixture.ts";
import { clientSending } from "./raw.ts";

const lockoutMs = 300_000;
const rateLimit = { maxAttempts: 2, windowMs: 60_000, lockoutMs, exemptLoopback: false };

describeGateway("a real gateway that has seen too many wrong tokens", () => {
  test("takes nothing from that address for a while, not even with the good one", async ({ models }) => {
    const gateway = await startTestGateway(models, {
      amend: (config) => ({
        ...config,
        gateway: { ...config.gateway, auth: { ...config.gateway.auth, rateLimit } },
      }),
    });
    onTestFinished(() => gateway.stop());
    const request = { ...newConversation(), input: "hello", retries: 0 };
    const stranger = clientSending(gateway, { headers: { authorization: "Bearer wrong" } });
    for (let attempt = 0; attempt < rateLimit.maxAttempts; attempt += 1)
      await expect(stranger.responses.create(request)).rejects.toMatchObject({ status: 401 });

    const { status, headers, body } = await ask(gateway);
    expect(status).toBe(429);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0.9 * (lockoutMs / 1000));
    expect(body).toEqual({ error: { type: "rate_limited", message: expect.any(String) } });

    const error: unknown = await gateway.client.responses.create(request).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: "ERR_GATEWAY_RATE_LIMITED",
      status: 429,
      outcome: "refused",
      blames: "gateway",
      gatewayType: "rate_limited",
    });
    expect(GatewayRateLimitedError.isInstance(error) && error.retryAfterMs).toBeGreaterThan(0.9 * lockoutMs);
    expect(await gateway.client.probe()).toMatchObject({ live: true, authorized: null });
  });
});

async function ask({ url, token }: Parameters<typeof clientSending>[0]) {
  const response = await fetch(`${url}/v1/responses`, {
    method: "POST",
    headers: { authorization: `Bearer ${token.reveal()}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "openclaw/writer", input: "hello" }),
  });
  const { status, headers } = response;
  return { status, headers, body: await response.json() };
}

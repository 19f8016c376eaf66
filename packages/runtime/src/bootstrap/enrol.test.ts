import { createHash } from "node:crypto";
import { parse, accountId, Secret, silentLogger, UnauthorizedError } from "@lobstercontrol/core";
import { ControlPlaneUnreachableError } from "@lobstercontrol/core/http";
import { createFakeClock } from "@lobstercontrol/core/testing";
import { expect, it, vi } from "vitest";
import { enrol, type EnrolOptions } from "./enrol.ts";

const serviceToken = new Secret(["lcs", "of-this-machine"].join("_"));
const bootstrapToken = new Secret(["lcb", "single-use"].join("_"));
const account = parse(accountId, "acme", "account");

/** A control plane that knows one bootstrap token, and the first hash that it was exchanged for. */
function controlPlane() {
  const hashes = new Set<string>();
  let isUsed = false;
  const asked = { agents: 0, exchange: 0 };
  return {
    asked,
    hashes,
    port: {
      async agents() {
        asked.agents++;
        if (!hashes.has(hashOf(serviceToken))) throw new UnauthorizedError();
        return { revision: 1, agents: [] };
      },
    },
    bootstrap: {
      async exchange(request: { bootstrapToken: Secret; serviceTokenHash: string }) {
        asked.exchange++;
        const isKnown = hashes.has(request.serviceTokenHash);
        if (request.bootstrapToken.reveal() !== bootstrapToken.reveal() || (isUsed && !isKnown))
          throw new UnauthorizedError();
        isUsed = true;
        hashes.add(request.serviceTokenHash);
        return { account };
      },
    },
  };
}

const hashOf = (token: Secret): string => createHash("sha256").update(token.reveal()).digest("hex");

function options(
  plane: Pick<EnrolOptions, "port" | "bootstrap">,
  more: Partial<EnrolOptions> = {},
): EnrolOptions {
  return {
    ...plane,
    bootstrapToken,
    serviceToken,
    onTry: () => {},
    clock: createFakeClock(),
    random: () => 0,
    logger: silentLogger,
    signal: new AbortController().signal,
    ...more,
  };
}

it("sends the SHA-256 of the service token and nothing else of it", async () => {
  const plane = controlPlane();
  const exchange = vi.spyOn(plane.bootstrap, "exchange");
  expect(await enrol(options(plane))).toBe(true);
  expect(exchange.mock.calls).toEqual([[{ bootstrapToken, serviceTokenHash: hashOf(serviceToken) }]]);
});

it("tells which droplet it is, when it knows", async () => {
  const plane = controlPlane();
  const exchange = vi.spyOn(plane.bootstrap, "exchange");
  await enrol(options(plane, { dropletId: 386_734_086 }));
  expect(exchange.mock.calls).toEqual([
    [{ bootstrapToken, serviceTokenHash: hashOf(serviceToken), dropletId: 386_734_086 }],
  ]);
});

it("does not look at the bootstrap token when the service token is good", async () => {
  const plane = controlPlane();
  plane.hashes.add(hashOf(serviceToken));
  await enrol(options(plane, { bootstrapToken: new Secret("of-another-droplet") }));
  expect(plane.asked).toEqual({ agents: 1, exchange: 0 });
});

it("does the same again when the answer was lost, and it ends well", async () => {
  const plane = controlPlane();
  const clock = createFakeClock();
  let lost = 1;
  const bootstrap = {
    async exchange(request: Parameters<typeof plane.bootstrap.exchange>[0]) {
      const answer = await plane.bootstrap.exchange(request);
      if (lost-- > 0) throw new ControlPlaneUnreachableError({ reason: "ECONNRESET" });
      return answer;
    },
  };
  const told: (string | null)[] = [];
  const onTry: EnrolOptions["onTry"] = (error) => told.push(error?.code ?? null);
  const done = enrol(options({ port: plane.port, bootstrap }, { clock, onTry }));
  await vi.waitUntil(() => clock.waiting() === 1);
  clock.advance(0);
  expect(await done).toBe(true);
  expect(told).toEqual(["ERR_CONTROL_PLANE_UNREACHABLE", null]);
  // The second look at the service token finds it good: nothing is exchanged twice.
  expect(plane.asked).toEqual({ agents: 2, exchange: 1 });
});

it("is refused with the control plane's word when the bootstrap token is not good", async () => {
  const refused = enrol(options(controlPlane(), { bootstrapToken: new Secret("used-up") }));
  await expect(refused).rejects.toMatchObject({ code: "ERR_BOOTSTRAP_REFUSED" });
  await expect(refused).rejects.not.toThrow(/used-up/);
});

it("goes on asking a control plane that is away until it is told to stop", async () => {
  const clock = createFakeClock();
  const stop = new AbortController();
  let asked = 0;
  const away = async (): Promise<never> => {
    asked++;
    throw new ControlPlaneUnreachableError({ reason: "ECONNREFUSED" });
  };
  const plane = { port: { agents: away }, bootstrap: { exchange: away } };
  const done = enrol(options(plane, { clock, random: () => 0.999, signal: stop.signal }));
  for (let tries = 1; tries <= 20; tries++) {
    await vi.waitUntil(() => clock.waiting() === 1);
    expect(asked).toBe(tries);
    clock.advance(15_000);
  }
  await vi.waitUntil(() => clock.waiting() === 1);
  stop.abort();
  expect(await done).toBe(false);
});

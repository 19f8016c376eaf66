import { describe, expect, it, vi } from "vitest";
import { patient, startProgram, testFolder } from "./program.ts";
import { gatewayToken, openWorld } from "./world.ts";

vi.setConfig({ testTimeout: 60_000 });

interface Health {
  status: string;
  conditions: { type: string; status: string; reason: string; runbook: string }[];
}

async function healthAt(url: string): Promise<Health> {
  return (await (await fetch(`${url}/health`)).json()) as Health;
}

const hang = (): { hang: true } => ({ hang: true });

describe("lobster-runtime start", () => {
  it("delivers, reports, shows its health, and promise 13: ends with 0 when it is asked to", async () => {
    const reports: Record<string, unknown>[] = [];
    const world = await openWorld({
      around: (handler) => async (request) => {
        if (request.url.endsWith("/runtime/report"))
          reports.push((await request.clone().json()) as Record<string, unknown>);
        return await handler(request);
      },
    });
    const program = startProgram(["start"], world.env);
    const url = await program.healthUrl();
    await world.notify("hello");
    await expect.poll(() => world.messages(), patient).toHaveLength(1);
    await expect.poll(async () => (await healthAt(url)).status, patient).toBe("online");
    await expect.poll(() => reports.some(({ status }) => status === "online"), patient).toBe(true);
    expect((await fetch(`${url}/ready`)).status).toBe(200);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('lobster_deliveries_total{outcome="reply"} 1');
    expect(metrics).toContain('lobster_condition{type="GatewayReachable",status="true"} 1');

    program.kill("SIGTERM");
    expect(await program.exited).toBe(0);
    expect(reports.at(-1)).toMatchObject({ status: "offline", gatewayVersion: "2026.9.6" });
    const sequences = reports.map(({ sequence }) => Number(sequence));
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
    await expect(fetch(`${url}/health`)).rejects.toThrow();
  });

  it("promise 11: says within one look what is wrong with the gateway, and recovers by itself", async () => {
    const world = await openWorld();
    const program = startProgram(["start"], world.env);
    const url = await program.healthUrl();
    await expect.poll(async () => (await healthAt(url)).status, patient).toBe("online");

    const falseOnes = async (): Promise<string[]> =>
      (await healthAt(url)).conditions
        .filter(({ status }) => status === "false")
        .map(({ type, reason }) => `${type} ${reason}`);
    world.gateway.ready = false;
    await expect.poll(falseOnes, patient).toEqual(["GatewayReachable NotReady"]);
    expect((await fetch(`${url}/health`)).status).toBe(503);
    world.gateway.ready = true;
    world.gateway.token = "another";
    await expect.poll(falseOnes, patient).toEqual(["GatewayAuthorized TokenRefused"]);
    world.gateway.token = gatewayToken;
    world.gateway.responsesEnabled = false;
    await expect.poll(falseOnes, patient).toEqual(["ResponsesEnabled Disabled"]);
    world.gateway.responsesEnabled = true;
    await expect.poll(async () => (await healthAt(url)).status, patient).toBe("online");

    // The control plane goes: the runtime says so, and works on when it is back.
    const { port } = world.server;
    await world.server.close();
    await expect.poll(falseOnes, patient).toEqual(["ControlPlaneReachable NoAnswer"]);
    expect((await fetch(`${url}/ready`)).status).toBe(200);
    await world.serveAgain(port);
    await expect.poll(async () => (await healthAt(url)).status, patient).toBe("online");
    await world.notify("after");
    await expect.poll(() => world.messages(), patient).toHaveLength(1);
  });

  it("promise 13: hands back within its grace period what does not end, and reports that it is offline", async () => {
    const statuses: unknown[] = [];
    const world = await openWorld({
      reply: hang,
      around: (handler) => async (request) => {
        if (request.url.endsWith("/runtime/report"))
          statuses.push(((await request.clone().json()) as Health).status);
        return await handler(request);
      },
    });
    await world.notify("hello");
    const program = startProgram(["start"], { ...world.env, DRAIN_GRACE_MS: "2000" });
    await expect
      .poll(() => world.gateway.requests.some(({ method }) => method === "POST"), patient)
      .toBe(true);
    await program.healthUrl();
    const askedAt = performance.now();
    program.kill("SIGTERM");
    expect(await program.exited).toBe(0);
    expect(performance.now() - askedAt).toBeLessThan(2_500);
    expect(statuses.at(-1)).toBe("offline");
    expect((await world.admin.notifications()).items).toMatchObject([{ state: "pending", lease: null }]);
  });

  it("ends at once with 130 or 143 on a second signal", async () => {
    const world = await openWorld({ reply: hang });
    await world.notify("hello");
    const program = startProgram(["start"], world.env);
    await program.healthUrl();
    await expect
      .poll(() => world.gateway.requests.some(({ method }) => method === "POST"), patient)
      .toBe(true);
    program.kill("SIGTERM");
    await program.logged("draining; a second signal ends at once");
    program.kill("SIGINT");
    expect(await program.exited).toBe(130);
  });

  it("ends with 77 when its token is not good, or not any more", async () => {
    const world = await openWorld();
    const unknown = startProgram(["start"], { ...world.env, SERVICE_TOKEN: "of-nobody" });
    expect(await unknown.exited).toBe(77);
    const program = startProgram(["start"], world.env);
    await program.healthUrl();
    await world.revoke();
    expect(await program.exited).toBe(77);
    expect(program.lines().at(-1)).toMatchObject({ code: "ERR_UNAUTHORIZED", exitCode: 77 });
  });

  it("ends with 69 when a newer process of the same worker has taken over; the newer one takes its work", async () => {
    const world = await openWorld();
    const env = { ...world.env, WORKER_ID: "droplet-1" };
    const older = startProgram(["start"], env);
    await older.healthUrl();
    const newer = startProgram(["start"], env);
    await newer.healthUrl();
    expect(await older.exited).toBe(69);
    await world.notify("hello");
    await expect.poll(() => world.messages(), patient).toHaveLength(1);
    newer.kill("SIGTERM");
    expect(await newer.exited).toBe(0);
  });

  it("keeps its worker id, so that a killed process is taken over from at once", async () => {
    const world = await openWorld({ reply: ({ turn }) => (turn === 1 ? { hang: true } : { text: "done" }) });
    const env = { ...world.env, STATE_DIR: testFolder(), LEASE_MS: "600000" };
    await world.notify("hello");
    const first = startProgram(["start"], env);
    await expect
      .poll(() => world.gateway.requests.some(({ method }) => method === "POST"), patient)
      .toBe(true);
    first.kill("SIGKILL");
    await first.exited;
    startProgram(["start"], env);
    // Far less than a lease, which is ten minutes here.
    await expect.poll(() => world.messages(), patient).toMatchObject([{ text: "done", repeated: true }]);
  });

  it("ends with 78 and all that is wrong with the configuration, by name, before it has sent anything", async () => {
    const world = await openWorld();
    const canary = "canary-of-a-value";
    const program = startProgram(["start"], {
      ...world.env,
      SERVICE_TOKEN: `${canary} with spaces`,
      CONCURRENCY: canary,
      HEALTH_PORT: "70000",
    });
    expect(await program.exited).toBe(78);
    for (const name of ["SERVICE_TOKEN", "CONCURRENCY", "HEALTH_PORT"])
      expect(program.output()).toContain(`  ${name} must be`);
    expect(program.output()).not.toContain(canary);
    expect(world.gateway.requests).toEqual([]);
  });

  it("ends with 78 when somebody has the port", async () => {
    const world = await openWorld();
    const { port } = new URL(world.server.url);
    const taken = startProgram(["start"], { ...world.env, HEALTH_PORT: port });
    expect(await taken.exited).toBe(78);
    expect(taken.output()).toContain("HEALTH_PORT cannot be listened on (EADDRINUSE)");
  });

  it("promise 8 and 12: nothing that it writes holds a token, a provider key, or what anybody wrote", async () => {
    const providerKey = ["sk", "ant", "canary0123456789"].join("-");
    const world = await openWorld({
      reply: ({ turn, input }) =>
        turn === 1
          ? {
              fail: {
                status: 401,
                code: "authentication_error",
                message: `bad key ${providerKey}: ${input}`,
              },
            }
          : { text: "canary-reply" },
    });
    await world.notify("canary-input");
    const program = startProgram(["start"], {
      ...world.env,
      LOG_LEVEL: "debug",
      ANTHROPIC_API_KEY: providerKey,
    });
    const url = await program.healthUrl();
    await expect
      .poll(() => world.gateway.requests.some(({ method }) => method === "POST"), patient)
      .toBe(true);
    await program.logged("attempt failed");
    const shown = await Promise.all(
      ["/health", "/ready", "/version", "/metrics"].map(
        async (path) => await (await fetch(url + path)).text(),
      ),
    );
    program.kill("SIGTERM");
    expect(await program.exited).toBe(0);
    const all = [program.output(), ...shown].join("\n");
    expect(program.lines().length).toBeGreaterThan(4);
    for (const canary of [world.serviceToken, gatewayToken, providerKey, "canary-input", "canary-reply"])
      expect(all).not.toContain(canary);
  });
});

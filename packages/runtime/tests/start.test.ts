import { describe, expect, it } from "vitest";
import { startProgram } from "./program.ts";
import { gatewayToken, openWorld } from "./world.ts";

interface Health {
  status: string;
  conditions: { type: string; status: string; reason: string }[];
}

async function healthAt(url: string): Promise<Health> {
  return (await (await fetch(`${url}/health`)).json()) as Health;
}

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
    await expect.poll(() => world.messages()).toHaveLength(1);
    await expect.poll(async () => (await healthAt(url)).status).toBe("online");
    await expect.poll(() => reports.some(({ status }) => status === "online")).toBe(true);
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
    for (const secret of [world.serviceToken, gatewayToken]) expect(program.output()).not.toContain(secret);
  });
});

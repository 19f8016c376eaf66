import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { patient, startProgram, testFolder, type Program } from "./program.ts";
import { bootstrapToken, openWorld } from "./world.ts";

vi.setConfig({ testTimeout: 60_000 });

type Around = NonNullable<Parameters<typeof openWorld>[0]>["around"];

/** A droplet before its first start: a bootstrap token, and folders that are empty. */
async function openDroplet(around?: Around) {
  const world = await openWorld(around === undefined ? {} : { around });
  const state = join(testFolder(), "state");
  const shared = join(testFolder(), "shared");
  const { SERVICE_TOKEN: _, OPENCLAW_GATEWAY_TOKEN: __, ...rest } = world.env;
  const env = {
    ...rest,
    BOOTSTRAP_TOKEN: bootstrapToken,
    SERVICE_TOKEN_FILE: join(state, "service-token"),
    OPENCLAW_GATEWAY_TOKEN_FILE: join(shared, "gateway-token"),
  };
  const read = (name: "SERVICE_TOKEN_FILE" | "OPENCLAW_GATEWAY_TOKEN_FILE"): string =>
    readFileSync(env[name], "utf8").trim();
  return {
    world,
    state,
    env,
    read,
    /** The gateway reads the token that the runtime made, as its start script does. */
    startGateway: () => void (world.gateway.token = read("OPENCLAW_GATEWAY_TOKEN_FILE")),
    async delivers(program: Program) {
      await program.healthUrl();
      await vi.waitUntil(() => existsSync(env.OPENCLAW_GATEWAY_TOKEN_FILE), patient);
      world.gateway.token = read("OPENCLAW_GATEWAY_TOKEN_FILE");
      await world.notify("hello");
      await expect.poll(() => world.messages(), patient).toHaveLength(1);
      program.kill("SIGTERM");
      expect(await program.exited).toBe(0);
      for (const token of [bootstrapToken, read("SERVICE_TOKEN_FILE"), read("OPENCLAW_GATEWAY_TOKEN_FILE")])
        expect(program.output()).not.toContain(token);
    },
  };
}

describe("a first start", () => {
  it("makes both tokens, stores them for their owner alone, and exchanges the bootstrap token as this droplet", async () => {
    const bodies: unknown[] = [];
    const droplet = await openDroplet((handler) => async (request) => {
      if (request.url.endsWith("/bootstrap/exchange")) bodies.push(await request.clone().json());
      return await handler(request);
    });
    const idFile = join(testFolder(), "droplet-id");
    writeFileSync(idFile, "386734086\n");
    await droplet.delivers(startProgram(["start"], { ...droplet.env, DROPLET_ID_FILE: idFile }));
    const serviceToken = droplet.read("SERVICE_TOKEN_FILE");
    expect(serviceToken).toMatch(/^lcs_[\w-]{43}$/);
    const serviceTokenHash = createHash("sha256").update(serviceToken).digest("hex");
    expect(bodies).toEqual([{ serviceTokenHash, dropletId: 386_734_086 }]);
    for (const file of [droplet.env.SERVICE_TOKEN_FILE, droplet.env.OPENCLAW_GATEWAY_TOKEN_FILE])
      expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(droplet.state).toSorted()).toEqual(["service-token", "worker-id"]);
  });

  it("is over: the next start needs no bootstrap token, and does not look at a wrong one", async () => {
    const droplet = await openDroplet();
    const first = startProgram(["start"], droplet.env);
    await first.logged("exchanged the bootstrap token for a service token");
    first.kill("SIGTERM");
    expect(await first.exited).toBe(0);
    await droplet.delivers(
      startProgram(["start"], { ...droplet.env, BOOTSTRAP_TOKEN: "of-another-droplet" }),
    );
  });

  it("ends with 77 and says what to do when the bootstrap token is refused", async () => {
    const { env } = await openDroplet();
    const wrong = "of-another-droplet";
    const program = startProgram(["start"], { ...env, BOOTSTRAP_TOKEN: wrong });
    expect(await program.exited).toBe(77);
    expect(program.lines().at(-1)).toMatchObject({ code: "ERR_BOOTSTRAP_REFUSED" });
    expect(program.output()).not.toContain(wrong);
  });

  it("is refused to a second machine that has the same bootstrap token", async () => {
    const droplet = await openDroplet();
    const first = startProgram(["start"], droplet.env);
    await first.logged("exchanged the bootstrap token for a service token");
    const other = testFolder();
    const second = startProgram(["start"], {
      ...droplet.env,
      SERVICE_TOKEN_FILE: join(other, "service-token"),
      OPENCLAW_GATEWAY_TOKEN_FILE: join(other, "gateway-token"),
    });
    expect(await second.exited).toBe(77);
  });

  it("waits for a control plane that is away, and shows that it does", async () => {
    let isAway = true;
    const droplet = await openDroplet(
      (handler) => async (request) => (isAway ? new Response("", { status: 502 }) : await handler(request)),
    );
    const program = startProgram(["start"], droplet.env);
    const url = await program.healthUrl();
    const conditions = async (): Promise<unknown> =>
      ((await (await fetch(`${url}/health`)).json()) as { conditions: unknown }).conditions;
    await expect
      .poll(conditions, patient)
      .toContainEqual(expect.objectContaining({ type: "ControlPlaneReachable", status: "false" }));
    isAway = false;
    await droplet.delivers(program);
  });
});

describe("a first start that is killed (kill -9)", () => {
  /** The same start again: it must end well, with the tokens that there were. */
  async function startAgain(droplet: Awaited<ReturnType<typeof openDroplet>>): Promise<void> {
    const had = droplet.read("SERVICE_TOKEN_FILE");
    await droplet.delivers(startProgram(["start"], droplet.env));
    expect(droplet.read("SERVICE_TOKEN_FILE")).toBe(had);
  }

  it.each(["before the exchange is made", "after it was made, before its answer is sent"])(
    "%s, ends well the second time",
    async (when) => {
      let killed: Program | null = null;
      let exchanges = 0;
      const droplet = await openDroplet((handler) => async (request) => {
        if (!request.url.endsWith("/bootstrap/exchange") || ++exchanges > 1) return await handler(request);
        if (when.startsWith("before")) killed?.kill("SIGKILL");
        const response = await handler(request.clone());
        killed?.kill("SIGKILL");
        await killed?.exited;
        return when.startsWith("before") ? new Response("", { status: 502 }) : response;
      });
      killed = startProgram(["start"], droplet.env);
      await killed.exited;
      expect(exchanges).toBe(1);
      await startAgain(droplet);
    },
  );

  it("as soon as the service token is there, and as soon as the gateway's token is, ends well", async () => {
    for (const file of ["SERVICE_TOKEN_FILE", "OPENCLAW_GATEWAY_TOKEN_FILE"] as const) {
      const droplet = await openDroplet();
      const program = startProgram(["start"], droplet.env);
      await vi.waitUntil(() => existsSync(droplet.env[file]), { ...patient, interval: 1 });
      program.kill("SIGKILL");
      expect(await program.exited).toBeNull();
      await startAgain(droplet);
    }
  });

  it("while a token was written leaves what nobody takes for one", async () => {
    const droplet = await openDroplet();
    const first = startProgram(["start"], droplet.env);
    await first.logged("exchanged the bootstrap token for a service token");
    first.kill("SIGKILL");
    expect(await first.exited).toBeNull();
    writeFileSync(`${droplet.env.SERVICE_TOKEN_FILE}.0.new`, "lcs_half");
    await startAgain(droplet);
  });
});

import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { run } from "../src/cli/run.ts";
import { startProgram, testFolder } from "./program.ts";
import { bootstrapToken, gatewayToken, openWorld } from "./world.ts";

async function doctor(env: Record<string, string>) {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const unused = (): never => {
    throw new Error("doctor needs none of these");
  };
  const code = await run(["doctor"], {
    env,
    out: write,
    note: write,
    logger: unused,
    onSignal: unused,
    exit: unused,
  });
  return { code, lines, all: lines.join("\n") };
}

function tokenFile(text: string, mode: number): string {
  const path = join(testFolder(), "token");
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

it("looks at everything, finds nothing wrong, and changes nothing", async () => {
  const world = await openWorld();
  const { SERVICE_TOKEN, ...env } = world.env;
  const { code, lines, all } = await doctor({ ...env, SERVICE_TOKEN_FILE: tokenFile(SERVICE_TOKEN, 0o600) });
  expect(lines).toEqual([
    "ok    configuration: It can be used.",
    "ok    SERVICE_TOKEN_FILE: It is readable for its owner alone (0600).",
    "ok    STATE_DIR: It can be used.",
    "ok    control plane: It answers and takes the service token; the roster is at revision 1 and has 1 agents.",
    expect.stringMatching(/^ok {4}clock: /),
    "ok    gateway: The gateway answers and is ready. It is version 2026.9.6.",
    "ok    gateway token: The gateway accepts the token.",
    "ok    gateway responses: POST /v1/responses is switched on.",
    "8 looked at, 0 wrong",
  ]);
  expect(code).toBe(0);
  expect(world.gateway.requests.every(({ method }) => method === "GET")).toBe(true);
  for (const token of [SERVICE_TOKEN, gatewayToken]) expect(all).not.toContain(token);
});

it("explains each thing that is wrong, and ends with 1", async () => {
  const world = await openWorld();
  world.gateway.responsesEnabled = false;
  const { SERVICE_TOKEN: _, ...env } = world.env;
  const { code, lines } = await doctor({
    ...env,
    SERVICE_TOKEN_FILE: tokenFile("of-nobody", 0o644),
    OPENCLAW_CONFIG_PATH: "/nowhere/openclaw.json",
    OPENCLAW_SECRETS_DIR: "/",
    OPENCLAW_WORKSPACES_DIR: "/",
    OPENCLAW_CONTROL: "on",
  });
  expect(code).toBe(1);
  const wrong = lines.filter((line) => line.startsWith("WRONG"));
  for (const [what, says] of [
    ["SERVICE_TOKEN_FILE", "0600"],
    ["OPENCLAW_CONFIG_PATH", "ENOENT"],
    ["control plane", "ERR_UNAUTHORIZED"],
    ["gateway responses", "switched off"],
    ["gateway control", "ERR_CONTROL"],
  ])
    expect(wrong).toContainEqual(expect.stringMatching(new RegExp(`^WRONG ${what}: .*${says}`)));
});

it("says that a gateway and a control plane are down, and of a clock what the answer told", async () => {
  const world = await openWorld();
  await world.gatewayServer.close();
  await world.server.close();
  const { code, lines } = await doctor(world.env);
  expect(code).toBe(1);
  expect(lines).toContainEqual(expect.stringMatching(/^WRONG gateway: The gateway does not answer/));
  expect(lines).toContainEqual(
    expect.stringMatching(/^WRONG control plane: .*ERR_CONTROL_PLANE_UNREACHABLE/),
  );
});

it("finds a clock that is wrong", async () => {
  const world = await openWorld({
    around: (handler) => async (request) => {
      const response = await handler(request);
      response.headers.set("date", new Date(Date.now() - 3_600_000).toUTCString());
      return response;
    },
  });
  const { code, lines } = await doctor(world.env);
  expect(code).toBe(1);
  expect(lines).toContainEqual(expect.stringMatching(/^WRONG clock: It is 36\d\d s ahead of/));
});

it("says before a first start what that will do", async () => {
  const world = await openWorld();
  const { SERVICE_TOKEN: _, OPENCLAW_GATEWAY_TOKEN: __, ...env } = world.env;
  const folder = testFolder();
  const { code, lines } = await doctor({
    ...env,
    BOOTSTRAP_TOKEN: bootstrapToken,
    SERVICE_TOKEN_FILE: join(folder, "state", "service-token"),
    OPENCLAW_GATEWAY_TOKEN_FILE: join(folder, "gateway-token"),
  });
  expect(code).toBe(0);
  expect(lines.filter((line) => line.startsWith("note"))).toHaveLength(5);
});

it("ends with 78 when the configuration cannot be used", async () => {
  const { code, all } = await doctor({});
  expect(code).toBe(78);
  expect(all).toContain("CONTROL_PLANE_URL or CONVEX_URL must be given");
});

it("is a command of the program", async () => {
  const program = startProgram(["doctor"], {});
  expect(await program.exited).toBe(78);
}, 30_000);

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigInvalidError } from "./errors.ts";
import { readConfig, type Env } from "./read-config.ts";
import { variables } from "./variables.ts";

const canary = ["canary", "0123456789"].join("-");
const enough: Env = {
  CONTROL_PLANE_URL: "https://platform.example.com/lobster",
  SERVICE_TOKEN: "service-token",
  OPENCLAW_GATEWAY_TOKEN: "gateway-token",
};

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "lobster-"))));
afterEach(() => rmSync(folder, { recursive: true }));

function problemsOf(env: Env): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (!ConfigInvalidError.isInstance(error)) throw error;
    return error.problems.map(({ name, problem }) => `${name} ${problem}`);
  }
  return [];
}

function file(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

describe("what is given", () => {
  it("is enough with a control plane, a service token and a gateway token", () => {
    const config = readConfig(enough);
    expect(config.controlPlane).toEqual({ kind: "http", url: enough["CONTROL_PLANE_URL"] });
    expect(config.serviceToken.token?.reveal()).toBe("service-token");
    expect(config.gatewayUrl).toBe("http://127.0.0.1:18789");
    expect(config.settings).toMatchObject({ CONCURRENCY: 10, LEASE_MS: 30_000, ON_ABORTED: "repeat" });
    expect(config.settings.CONTROL_PLANE_TIMEOUT_MS).toBe(10_000);
    expect(config.stateDir).toBeNull();
  });

  it("is as if it were not there when it is empty, which is how compose hands on what is not set", () => {
    expect(
      readConfig({ ...enough, CONVEX_URL: "", CONCURRENCY: " ", HEALTH_HOST: "" }).settings,
    ).toMatchObject({
      CONCURRENCY: 10,
      HEALTH_HOST: "127.0.0.1",
    });
  });

  it("may stand in files, with a newline at their end; what is kept goes beside the service token", () => {
    const config = readConfig({
      CONVEX_URL: "https://happy-animal-1.convex.cloud",
      SERVICE_TOKEN_FILE: file("service", "service-token\n"),
      OPENCLAW_GATEWAY_TOKEN_FILE: file("gateway", "gateway-token"),
    });
    expect(config.controlPlane.kind).toBe("convex");
    expect(config.serviceToken.token?.reveal()).toBe("service-token");
    expect(config.gatewayToken.token?.reveal()).toBe("gateway-token");
    expect(config.stateDir).toBe(folder);
    expect(config.warnings).toEqual([]);
  });

  it("leaves the files of a first start to be made", () => {
    const { serviceToken, gatewayToken, bootstrapToken } = readConfig({
      CONTROL_PLANE_URL: "http://127.0.0.1:3000",
      BOOTSTRAP_TOKEN_FILE: file("bootstrap", "bootstrap-token\n"),
      SERVICE_TOKEN_FILE: join(folder, "service"),
      OPENCLAW_GATEWAY_TOKEN_FILE: join(folder, "gateway"),
    });
    expect(serviceToken).toEqual({ token: null, file: join(folder, "service") });
    expect(gatewayToken).toEqual({ token: null, file: join(folder, "gateway") });
    expect(bootstrapToken?.reveal()).toBe("bootstrap-token");
  });

  it("needs no bootstrap token any more once there is a service token; one gone from memory is made again", () => {
    const { serviceToken, gatewayToken, bootstrapToken } = readConfig({
      CONTROL_PLANE_URL: "https://platform.example.com",
      BOOTSTRAP_TOKEN_FILE: join(folder, "gone"),
      SERVICE_TOKEN_FILE: file("service", "service-token"),
      OPENCLAW_GATEWAY_TOKEN_FILE: join(folder, "gone-with-the-memory"),
    });
    expect(serviceToken.token?.reveal()).toBe("service-token");
    expect(gatewayToken.token).toBeNull();
    expect(bootstrapToken).toBeNull();
  });

  it.each([
    ["386734086\n", 386_734_086],
    ["", null],
  ])("knows of the file %j which droplet it is: %j", (content, dropletId) => {
    const env = { ...enough, DROPLET_ID_FILE: file("droplet-id", content) };
    expect(readConfig(env).dropletId).toBe(dropletId);
    expect(readConfig({ ...enough, DROPLET_ID_FILE: join(folder, "gone") }).dropletId).toBeNull();
  });

  it.each(["0", "-1", "1.5", "droplet-1", "1234567890123456", "1\n2"])(
    "takes %j for no droplet's id",
    (content) => {
      const problems = problemsOf({ ...enough, DROPLET_ID_FILE: file("droplet-id", content) });
      expect(problems).toEqual([expect.stringMatching(/^DROPLET_ID_FILE names a file that /)]);
    },
  );

  it("is warned about where it works and should not be so", () => {
    const { OPENCLAW_GATEWAY_TOKEN: _, ...rest } = enough;
    const { warnings, gatewayToken, fallbackKeys } = readConfig({
      ...rest,
      SERVICE_TOKEN: undefined,
      SERVICE_TOKEN_FILE: file("service", "service-token", 0o644),
      CLAWDBOT_GATEWAY_TOKEN: "old-token",
      ANTHROPIC_API_KEY: canary,
    });
    expect(gatewayToken.token?.reveal()).toBe("old-token");
    expect(fallbackKeys.map(({ provider }) => provider)).toEqual(["anthropic"]);
    expect(warnings).toHaveLength(4);
    expect(warnings.join()).toMatch(/SERVICE_TOKEN_FILE .*0600.*CLAWDBOT_GATEWAY_TOKEN.*promise 8/);
    expect(warnings.join()).not.toContain(canary);
  });
});

describe("what is wrong", () => {
  it("is told all at once, by name", () => {
    expect(problemsOf({ CONCURRENCY: "0", ON_ABORTED: "perhaps", LOG_LEVEL: "loud" })).toEqual([
      "CONCURRENCY must be a whole number from 1 to 1000",
      "ON_ABORTED must be one of repeat, dead",
      "LOG_LEVEL must be one of debug, info, warn, error, silent",
      "CONTROL_PLANE_URL or CONVEX_URL must be given",
      "SERVICE_TOKEN or SERVICE_TOKEN_FILE must be given, or for a first start a bootstrap token",
      "OPENCLAW_GATEWAY_TOKEN or OPENCLAW_GATEWAY_TOKEN_FILE must be given",
    ]);
  });

  it.each([
    [{ CONVEX_URL: "https://a.convex.cloud" }, "CONTROL_PLANE_URL and CONVEX_URL must not be given both"],
    [{ CONTROL_PLANE_URL: "http://platform.example.com" }, "CONTROL_PLANE_URL must begin with https://"],
    [{ CONTROL_PLANE_URL: "nowhere" }, "CONTROL_PLANE_URL is not a URL"],
    [{ OPENCLAW_GATEWAY_URL: `http://u:${canary}@h/` }, "OPENCLAW_GATEWAY_URL must be an http or https URL"],
    [{ SERVICE_TOKEN_FILE: "/x" }, "SERVICE_TOKEN and SERVICE_TOKEN_FILE must not be given both"],
    [{ SERVICE_TOKEN: `${canary}\nx` }, "SERVICE_TOKEN must be one line"],
    [{ SERVICE_TOKEN: "", BOOTSTRAP_TOKEN: "b" }, "SERVICE_TOKEN_FILE must be given with a bootstrap token"],
    [
      { SERVICE_TOKEN: "", SERVICE_TOKEN_FILE: "/nowhere/at/all" },
      "SERVICE_TOKEN_FILE names a file that is not",
    ],
    [
      { SERVICE_TOKEN: "", SERVICE_TOKEN_FILE: "/" },
      "SERVICE_TOKEN_FILE names a file that cannot be read (EISDIR)",
    ],
    [{ LEASE_MS: "900001" }, "LEASE_MS must be a whole number from 1000 to 900000"],
    [
      { CONTROL_PLANE_TIMEOUT_MS: "999" },
      "CONTROL_PLANE_TIMEOUT_MS must be a whole number from 1000 to 300000",
    ],
    [{ POLL_MS: "1e3" }, "POLL_MS must be a whole number"],
    [
      { OPENCLAW_CONFIG_PATH: "/x", OPENCLAW_SECRETS_DIR: "/y" },
      "OPENCLAW_WORKSPACES_DIR must be given, too",
    ],
    [{ WORKER_ID: "a\tb" }, "WORKER_ID must be at most 256 characters"],
  ])("%j", (env, problem) => {
    const problems = problemsOf({ ...enough, ...env });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  it("promise 12: is told without any value", () => {
    const all = Object.fromEntries(
      Object.keys(variables.shape).map((name) => [
        name,
        `${canary} \u0000 ${name === "SERVICE_TOKEN" ? "" : "x"}`,
      ]),
    );
    const env = { ...all, SERVICE_TOKEN_FILE: file("service", `${canary}\n${canary}`) };
    expect(problemsOf(env).length).toBeGreaterThan(15);
    expect(inspect(problemsOf(env), { maxArrayLength: null })).not.toContain(canary);
    let caught: unknown;
    try {
      readConfig(env);
    } catch (error) {
      caught = error;
    }
    expect(inspect(caught, { depth: 10 }) + JSON.stringify(caught)).not.toContain(canary);
  });
});

it("says of every variable what it is for", () => {
  for (const [name, schema] of Object.entries(variables.shape))
    expect([name, schema.meta()?.description]).toEqual([name, expect.stringMatching(/^[A-Z].*[.)]$/)]);
});

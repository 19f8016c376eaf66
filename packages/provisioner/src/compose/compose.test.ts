import { InvalidInputError } from "@lobstercontrol/core";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { renderComposeEnv } from "./render-compose-env.ts";
import { renderCompose } from "./render-compose.ts";

interface Service {
  image: string;
  user: string;
  restart: string;
  read_only: boolean;
  cap_drop: string[];
  security_opt: string[];
  volumes: (string | { type: string; target: string; read_only: boolean })[];
  environment: Record<string, string>;
  logging: { options: Record<string, string> };
  healthcheck: { test: string[] };
  [key: string]: unknown;
}
const compose = parse(renderCompose(), { merge: true }) as {
  services: Record<"openclaw-gateway" | "runtime", Service>;
  volumes: Record<string, unknown>;
};
const { "openclaw-gateway": gateway, runtime } = compose.services;
const targetsOf = ({ volumes }: Service): string[] =>
  volumes.map((volume) => (typeof volume === "string" ? (volume.split(":")[1] ?? "") : volume.target));

describe("the compose file", () => {
  it("has a gateway and a runtime, and nothing else", () => {
    expect(Object.keys(compose.services)).toEqual(["openclaw-gateway", "runtime"]);
  });

  it("puts the runtime into the gateway's network and gives both one uid, so that the gateway stays on loopback", () => {
    expect(runtime["network_mode"]).toBe("service:openclaw-gateway");
    expect(runtime.user).toBe(gateway.user);
    expect(gateway.environment["OPENCLAW_BIND_HOST"]).toBe("127.0.0.1");
    expect(runtime.environment["OPENCLAW_GATEWAY_URL"]).toBe("http://127.0.0.1:18789");
  });

  it("publishes no port", () => {
    expect(gateway).not.toHaveProperty("ports");
    expect(runtime).not.toHaveProperty("ports");
  });

  it("keeps the service token and the bootstrap token where the gateway's container is not", () => {
    const tokens = ["SERVICE_TOKEN_FILE", "BOOTSTRAP_TOKEN_FILE"].map((name) => runtime.environment[name]);
    for (const token of tokens) {
      const inside = (target: string): boolean => token?.startsWith(`${target}/`) === true;
      expect(targetsOf(runtime).filter(inside)).toHaveLength(1);
      expect(targetsOf(gateway).filter(inside)).toEqual([]);
    }
    expect(gateway).not.toHaveProperty("env_file");
  });

  it("keeps the gateway's token and the provider keys in memory, on the volume that both have", () => {
    expect(compose.volumes["shared-secrets"]).toMatchObject({
      driver_opts: { type: "tmpfs", o: expect.stringContaining("mode=0700") },
    });
    for (const service of [gateway, runtime]) {
      expect(service.volumes).toContain("shared-secrets:/run/lobster");
      expect(service.environment["OPENCLAW_GATEWAY_TOKEN_FILE"]).toBe("/run/lobster/gateway-token");
      expect(service.environment["OPENCLAW_SECRETS_DIR"]).toBe("/run/lobster");
    }
  });

  it.each([
    ["gateway", gateway],
    ["runtime", runtime],
  ])("runs the %s as nobody in particular, who can gain nothing", (_, service) => {
    expect(service.user).toMatch(/^[1-9]\d+:[1-9]\d+$/);
    expect(service).toMatchObject({
      restart: "unless-stopped",
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
      logging: { options: { "max-size": "10m", "max-file": "5" } },
    });
    expect(service).not.toHaveProperty("privileged");
    expect(service.healthcheck.test[0]).toBe("CMD");
    expect(JSON.stringify(service.volumes)).not.toContain("docker.sock");
  });

  it("gives a run the time to end, and the browser its memory", () => {
    expect(gateway).toMatchObject({ stop_grace_period: "330s", shm_size: "2gb" });
  });

  it("takes both images from the environment, and says so when they are missing", () => {
    expect(gateway.image).toMatch(/^\$\{OPENCLAW_IMAGE:\?.+\}$/);
    expect(runtime.image).toMatch(/^\$\{RUNTIME_IMAGE:\?.+\}$/);
  });
});

describe("its .env", () => {
  const values = {
    gatewayImage: "registry.example.com/openclaw:1",
    runtimeImage: "registry.example.com/lobster-runtime:1",
    controlPlaneUrl: "https://platform.example.com",
  };

  it("is quoted, one value a line", () => {
    expect(renderComposeEnv({ ...values, convexUrl: "https://happy-animal-1.example.com" })).toBe(
      `OPENCLAW_IMAGE='registry.example.com/openclaw:1'
RUNTIME_IMAGE='registry.example.com/lobster-runtime:1'
CONTROL_PLANE_URL='https://platform.example.com'
CONVEX_URL='https://happy-animal-1.example.com'
LOBSTER_BOOTSTRAP_DIR='/run/lobster-bootstrap'
`,
    );
  });

  it("is refused rather than torn: any value comes out as it went in, or not at all", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" })), (gatewayImage) => {
        try {
          const [first] = renderComposeEnv({ ...values, gatewayImage }).split("\n");
          expect(first).toBe(`OPENCLAW_IMAGE='${gatewayImage}'`);
          expect(gatewayImage).not.toMatch(/['\\\n\r\0]/);
        } catch (error) {
          expect(InvalidInputError.isInstance(error)).toBe(true);
        }
      }),
    );
  });

  it.each(["it's", "two\nlines", "a\\b", "", "\0"])("refuses %j, and does not repeat it", (gatewayImage) => {
    expect(() => renderComposeEnv({ ...values, gatewayImage })).toThrow(
      "OPENCLAW_IMAGE: must be printable ASCII without ' and \\.",
    );
  });
});

import { InvalidInputError, Secret, TooLargeError } from "@lobstercontrol/core";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { CloudInitOptions } from "./cloud-init-options.ts";
import { renderCloudInit } from "./render-cloud-init.ts";

const digest = `sha256:${"0a".repeat(32)}`;
const token = `lcb_${"t0ken".repeat(8)}`;
const plain: CloudInitOptions = {
  account: "acme",
  controlPlaneUrl: "https://platform.example.com/lobster",
  bootstrapToken: new Secret(token),
  gatewayImage: "registry.example.com/openclaw:2026.9.6",
  runtimeImage: `registry.example.com/lobster-runtime@${digest}`,
};

interface CloudConfig {
  users: { name: string; lock_passwd: boolean; ssh_authorized_keys?: string[] }[];
  write_files: { path: string; owner: string; permissions: string; content: string }[];
  runcmd: string[][];
  [key: string]: unknown;
}
/** Read as YAML 1.1, as cloud-init does, which has more words for true and null. */
const read = (userData: string): CloudConfig => parse(userData, { version: "1.1" }) as CloudConfig;
const configOf = (options: Partial<CloudInitOptions> = {}): CloudConfig =>
  read(renderCloudInit({ ...plain, ...options }));
const contentOf = (config: CloudConfig, path: string): string | undefined =>
  config.write_files.find((file) => file.path === path)?.content;
const scriptsOf = (config: CloudConfig) =>
  config.write_files.filter(({ path }) => path.startsWith("/usr/local/lib/lobster/"));
/** What of the document values must never change: every key, every path and every script. */
const shapeOf = (config: CloudConfig) => ({
  keys: Object.keys(config),
  files: config.write_files.map(({ path, owner, permissions }) => ({ path, owner, permissions })),
  scripts: scriptsOf(config),
  units: config.write_files.filter(({ path }) => path.endsWith(".service")),
  compose: contentOf(config, "/opt/lobster/docker-compose.yml"),
  runcmd: config.runcmd,
});

describe("user-data", () => {
  it("is plain cloud-config in ASCII, well under what DigitalOcean takes", () => {
    const userData = renderCloudInit(plain);
    expect(userData.startsWith("#cloud-config\n")).toBe(true);
    expect(userData).toMatch(/^[\n -~]+$/);
    expect(userData.length).toBeLessThan(24 * 1024);
  });

  it("has the bootstrap token once, in a file for root alone, and in no script", () => {
    const userData = renderCloudInit(plain);
    expect(userData.split(token)).toHaveLength(2);
    const [file, ...others] = read(userData).write_files.filter(({ content }) => content.includes(token));
    expect(file).toEqual({
      path: "/etc/lobster/bootstrap-token",
      owner: "root:root",
      permissions: "0600",
      content: `${token}\n`,
    });
    expect(others).toEqual([]);
  });

  it("promise 8: takes along nothing else that it is handed, such as keys or a password", () => {
    const canary = "canary-7f3a";
    const more = {
      providerKeys: { anthropic: canary },
      serviceToken: new Secret(canary),
      digitalOceanToken: canary,
    };
    expect(renderCloudInit({ ...plain, ...more })).not.toContain(canary);
  });

  it("closes password logins in three ways", () => {
    const config = configOf();
    expect(config["ssh_pwauth"]).toBe(false);
    expect(config.users).toEqual([{ name: "root", lock_passwd: true }]);
    expect(config.runcmd[0]).toEqual(["usermod", "--password", "*", "root"]);
    const sshd = contentOf(config, "/etc/ssh/sshd_config.d/00-lobster.conf");
    expect(sshd).toMatch(/^PasswordAuthentication no$/m);
    expect(sshd).toMatch(/^KbdInteractiveAuthentication no$/m);
    expect(sshd).toMatch(/^PermitRootLogin prohibit-password$/m);
  });

  it("lets in whose keys are named", () => {
    const adminSshKeys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ admin $(reboot) 'x'"];
    expect(configOf({ adminSshKeys }).users).toEqual([
      { name: "root", lock_passwd: true, ssh_authorized_keys: adminSshKeys },
    ]);
  });

  it("puts everything that is read as a value out of others' reach", () => {
    const { write_files } = configOf();
    const values = write_files.filter(({ path }) => /^\/(?:etc\/lobster|opt\/lobster)\//.test(path));
    expect(values.length).toBeGreaterThan(5);
    for (const { permissions } of values) expect(permissions).toBe("0600");
    for (const { permissions } of scriptsOf(configOf())) expect(permissions).toBe("0700");
    for (const { owner } of write_files) expect(owner).toBe("root:root");
  });

  it("keeps containers from the metadata address before Docker is up, or Docker does not come up", () => {
    const config = configOf();
    const unit = contentOf(config, "/etc/systemd/system/lobster-firewall.service");
    expect(unit).toMatch(/^Before=docker.service$/m);
    expect(unit).toMatch(/^PartOf=docker.service$/m);
    expect(unit).toMatch(/^RequiredBy=docker.service$/m);
    expect(contentOf(config, "/usr/local/lib/lobster/block-metadata")).toContain(
      "DOCKER-USER --destination 169.254.169.254 --jump REJECT",
    );
  });

  it("starts the server at each boot, after Docker", () => {
    const config = configOf();
    const unit = contentOf(config, "/etc/systemd/system/lobster.service");
    expect(unit).toMatch(/^After=network-online.target docker.service$/m);
    expect(unit).toMatch(/^WantedBy=multi-user.target$/m);
    expect(config.runcmd.at(-1)).toEqual(["systemctl", "enable", "--now", "lobster.service"]);
  });

  it("bounds Docker's logs, and has security fixes installed", () => {
    const config = configOf();
    expect(JSON.parse(contentOf(config, "/etc/docker/daemon.json") ?? "")).toMatchObject({
      "log-opts": { "max-size": "10m", "max-file": "5" },
    });
    expect(contentOf(config, "/etc/apt/apt.conf.d/52lobster")).toContain("Unattended-Upgrade");
    expect(contentOf(config, "/etc/lobster/packages")).toContain("unattended-upgrades\n");
  });

  it("has swap, unless told not to", () => {
    expect(configOf()["swap"]).toEqual({ filename: "/swapfile", size: 2_147_483_648 });
    expect(configOf({ swapMib: 0 })).not.toHaveProperty("swap");
  });

  it.each([
    ["debian-13-x64", "docker.io\ndocker-cli\ndocker-compose\n"],
    ["ubuntu-24-04-x64", "docker.io\ndocker-compose-v2\n"],
  ] as const)("takes Docker from the packages of %s", (image, packages) => {
    const config = configOf({ image });
    expect(contentOf(config, "/etc/lobster/docker-packages")).toBe(packages);
    expect(contentOf(config, "/usr/local/lib/lobster/add-docker-repository")).toBeUndefined();
  });

  it("takes Docker from its own repository when told so, with the key by its fingerprint", () => {
    const config = configOf({ image: "debian-12-x64", docker: "official" });
    expect(contentOf(config, "/etc/lobster/docker-packages")).toContain("docker-compose-plugin\n");
    expect(contentOf(config, "/usr/local/lib/lobster/add-docker-repository")).toMatch(
      /^fingerprint=[0-9A-F]{40}$/m,
    );
  });
});

describe("what is refused, by its field and without its value", () => {
  it.each<[field: string, options: Partial<CloudInitOptions>]>([
    ["account", { account: "a\nb" }],
    ["account", { account: "a\0" }],
    ["controlPlaneUrl", { controlPlaneUrl: "http://platform.example.com" }],
    ["controlPlaneUrl", { controlPlaneUrl: "http://localhost.example.com" }],
    ["controlPlaneUrl", { controlPlaneUrl: "https://user@example.com" }],
    ["controlPlaneUrl", { controlPlaneUrl: "https://example.com/?a" }],
    ["controlPlaneUrl", { controlPlaneUrl: "https://example.com/it's" }],
    ["controlPlaneUrl", { controlPlaneUrl: "nowhere" }],
    ["convexUrl", { convexUrl: "javascript:alert(1)" }],
    ["bootstrapToken", { bootstrapToken: new Secret("two\nlines") }],
    ["bootstrapToken", { bootstrapToken: new Secret("") }],
    ["bootstrapToken", { bootstrapToken: "shown" as unknown as Secret }],
    ["gatewayImage", { gatewayImage: "openclaw" }],
    ["gatewayImage", { gatewayImage: "openclaw:latest" }],
    ["gatewayImage", { gatewayImage: "registry.example.com:5000/openclaw" }],
    ["gatewayImage", { gatewayImage: "openclaw:1 --privileged" }],
    ["gatewayImage", { gatewayImage: "openclaw:$(reboot)" }],
    ["gatewayImage", { gatewayImage: "openclaw:1\nOPENCLAW_BIND_HOST=0.0.0.0" }],
    ["runtimeImage", { runtimeImage: "lobster-runtime@sha256:abc" }],
    ["hostname", { hostname: "a\nb" }],
    ["hostname", { hostname: "-a" }],
    ["hostname", { hostname: "a b" }],
    ["hostname", { hostname: "a.".repeat(127) }],
    ["image", { image: "windows" as "debian-13-x64" }],
    ["docker", { image: "debian-12-x64" }],
    ["docker", { docker: "snap" as "official" }],
    ["swapMib", { swapMib: -1 }],
    ["swapMib", { swapMib: 0.5 }],
    ["adminSshKeys.0", { adminSshKeys: ["ssh-ed25519 AAAA\nssh-rsa AAAA"] }],
    ["adminSshKeys.0", { adminSshKeys: ['command="reboot" ssh-ed25519 AAAA'] }],
  ])("%s: %j", (field, options) => {
    try {
      renderCloudInit({ ...plain, ...options });
      expect.unreachable();
    } catch (error) {
      if (!InvalidInputError.isInstance(error)) throw error;
      expect(error.message.startsWith(`cloudInit.${field}: `)).toBe(true);
      expect(error.message).not.toContain("\n");
      expect(JSON.stringify(error)).not.toContain("shown");
    }
  });

  it("is too much: user-data over 64 KiB", () => {
    const adminSshKeys = Array.from({ length: 20 }, () => `ssh-rsa ${"A".repeat(4_000)}`);
    expect(() => renderCloudInit({ ...plain, adminSshKeys })).toThrow(TooLargeError);
    expect(() => renderCloudInit({ ...plain, adminSshKeys })).toThrow(/^userData is \d+ bytes/);
  });

  it.each([
    "registry.example.com:5000/team/openclaw:2026.9.6",
    "openclaw:1",
    `openclaw@${digest}`,
    `registry.example.com/a__b/c--d:1@${digest}`,
  ])("is not %s", (gatewayImage) => {
    expect(contentOf(configOf({ gatewayImage }), "/opt/lobster/.env")).toContain(
      `OPENCLAW_IMAGE='${gatewayImage}'\n`,
    );
  });
});

describe("values are data", () => {
  const nasty = fc.constantFrom(
    "'",
    '"',
    "$(reboot)",
    "`reboot`",
    "${HOME}",
    "%",
    "#cloud-config",
    "\\",
    "\u0085",
    "\u2028",
    "\u{1f980}",
    "- x",
    ": ",
    "{{ v1 }}",
    "~",
    "!!python/object",
    "<<",
    "&a",
    "\ufeff",
    "é",
    "\ud800",
    "\n",
    "\t",
  );
  const text = (maxLength: number) =>
    fc.array(fc.oneof(nasty, fc.string({ maxLength: 8 }), fc.string({ unit: "grapheme", maxLength: 4 })), {
      minLength: 1,
      maxLength,
    });
  const hostile = text(6).map((parts) => parts.join(""));
  const shape = shapeOf(configOf({ hostname: "a", adminSshKeys: ["ssh-ed25519 AAAA"] }));

  it("comes out of a YAML reader as it went in, or is refused, and changes no key, path or script", () => {
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.oneof(fc.constant("acme"), hostile),
        fc.oneof(fc.constant(token), hostile),
        fc.oneof(fc.constant("/lobster"), hostile),
        fc.oneof(fc.constant("a"), hostile),
        fc.oneof(fc.constant("me"), hostile),
        (account, bootstrapToken, path, hostname, comment) => {
          const key = `ssh-ed25519 AAAA ${comment}`;
          const controlPlaneUrl = `https://platform.example.com/${path}`;
          let userData: string;
          try {
            userData = renderCloudInit({
              ...plain,
              account,
              bootstrapToken: new Secret(bootstrapToken),
              controlPlaneUrl,
              hostname,
              adminSshKeys: [key],
            });
          } catch (error) {
            if (!InvalidInputError.isInstance(error)) throw error;
            return;
          }
          accepted += 1;
          expect(userData).toMatch(/^#cloud-config\n[\n -~]+$/);
          const config = read(userData);
          expect(shapeOf(config)).toEqual(shape);
          expect(contentOf(config, "/etc/lobster/account")).toBe(`${account}\n`);
          expect(contentOf(config, "/etc/lobster/bootstrap-token")).toBe(`${bootstrapToken}\n`);
          const url = new URL(controlPlaneUrl).href.replace(/\/+$/, "");
          expect(contentOf(config, "/etc/lobster/control-plane-url")).toBe(`${url}\n`);
          expect(contentOf(config, "/opt/lobster/.env")).toContain(`\nCONTROL_PLANE_URL='${url}'\n`);
          expect(config["hostname"]).toBe(hostname);
          expect(config.users[0]?.ssh_authorized_keys).toEqual([key]);
        },
      ),
      { numRuns: 1_000 },
    );
    // Else the property would say nothing.
    expect(accepted).toBeGreaterThan(30);
  });
});

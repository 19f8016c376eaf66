import { checkBytes, InvalidInputError } from "@lobstercontrol/core";
import { renderComposeEnv } from "../compose/render-compose-env.ts";
import { renderCompose } from "../compose/render-compose.ts";
import { parseCloudInitOptions, type CloudInitOptions } from "./cloud-init-options.ts";
import { dockerPackages, officialPackages } from "./images.ts";
import { beacon } from "./scripts/beacon.ts";
import { boot } from "./scripts/boot.ts";
import { dropletId } from "./scripts/droplet-id.ts";
import {
  addDockerRepository,
  blockMetadata,
  phaseDocker,
  phaseFirewall,
  phaseImages,
  phasePackages,
  phaseStart,
  retry,
} from "./scripts/phases.ts";
import { sshdConfig, upgradesConfig } from "./settings.ts";
import { toYaml } from "./to-yaml.ts";
import { firewallService, lobsterService } from "./units.ts";

/** What DigitalOcean takes, in bytes. */
const userDataBytes = 64 * 1024;
const mib = 1024 * 1024;

/**
 * The user-data of a droplet: plain cloud-config that makes one account's server of it.
 *
 * Values are data. They stand in files of their own, or in `.env`; the scripts are the same for every server and read them
 * from there. So nothing that is put in can become a command, a key or another line.
 *
 * The bootstrap token is the only credential, and is there once: whoever can read the droplet's metadata can read it.
 *
 * @returns cloud-config, of at most 64 KiB, that begins with `#cloud-config`
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` when a value is not safe or not usable; the field is named
 * @throws {TooLargeError} `ERR_TOO_LARGE` when the whole is over 64 KiB
 *
 * @example
 * ```ts
 * import { Secret } from "@lobstercontrol/core";
 * import { renderCloudInit } from "@lobstercontrol/provisioner";
 *
 * const userData = renderCloudInit({
 *   account: "acme",
 *   controlPlaneUrl: "https://platform.example.com/lobster",
 *   bootstrapToken: new Secret("lcb_made-for-this-one-droplet"),
 *   gatewayImage: "registry.example.com/openclaw:2026.9.6",
 *   runtimeImage: "registry.example.com/lobster-runtime:1.0.0",
 * });
 * console.log(userData.startsWith("#cloud-config\n")); // true
 * ```
 */
export function renderCloudInit(options: CloudInitOptions): string {
  const spec = parseCloudInitOptions(options);
  const official = spec.docker === "official";
  const docker = official ? officialPackages : dockerPackages[spec.image];
  if (docker === null)
    throw new InvalidInputError({
      field: "cloudInit.docker",
      problem: `must be "official" with ${spec.image}, whose own packages have no compose v2`,
    });

  const userData = `#cloud-config\n${toYaml({
    ...(spec.hostname === undefined ? {} : { hostname: spec.hostname, preserve_hostname: false }),
    // No user but root, who has no password and logs in by key alone, as on every droplet.
    users: [
      {
        name: "root",
        lock_passwd: true,
        ...(spec.adminSshKeys.length === 0 ? {} : { ssh_authorized_keys: spec.adminSshKeys }),
      },
    ],
    disable_root: false,
    ssh_pwauth: false,
    ...(spec.swapMib === 0 ? {} : { swap: { filename: "/swapfile", size: spec.swapMib * mib } }),
    write_files: [
      value("account", spec.account),
      value("control-plane-url", spec.controlPlaneUrl),
      value("bootstrap-token", spec.bootstrapToken.reveal()),
      value(
        "packages",
        lines(["ca-certificates", "iptables", "unattended-upgrades", ...(official ? ["curl", "gpg"] : [])]),
      ),
      value("docker-packages", lines(docker)),
      file("/opt/lobster/docker-compose.yml", "0600", renderCompose()),
      file("/opt/lobster/.env", "0600", renderComposeEnv(spec)),
      file("/etc/docker/daemon.json", "0644", toYaml(daemon)),
      file("/etc/ssh/sshd_config.d/00-lobster.conf", "0644", sshdConfig),
      file("/etc/apt/apt.conf.d/52lobster", "0644", upgradesConfig),
      file("/etc/systemd/system/lobster.service", "0644", lobsterService),
      file("/etc/systemd/system/lobster-firewall.service", "0644", firewallService),
      script("boot", boot),
      script("beacon", beacon),
      script("droplet-id", dropletId),
      script("retry", retry),
      script("phase-packages", phasePackages),
      script("phase-docker", phaseDocker),
      ...(official ? [script("add-docker-repository", addDockerRepository)] : []),
      script("phase-firewall", phaseFirewall),
      script("block-metadata", blockMetadata),
      script("phase-images", phaseImages),
      script("phase-start", phaseStart),
    ],
    runcmd: [
      ["usermod", "--password", "*", "root"],
      ["systemctl", "daemon-reload"],
      ["systemctl", "try-reload-or-restart", "ssh.service"],
      ["systemctl", "enable", "--now", "lobster.service"],
    ],
  })}`;
  checkBytes("userData", userData, userDataBytes);
  return userData;
}

/** Logs do not fill the disk; an upgrade of Docker does not stop what runs. */
const daemon = {
  "log-driver": "local",
  "log-opts": { "max-size": "10m", "max-file": "5" },
  "live-restore": true,
  "userland-proxy": false,
};

const file = (path: string, permissions: string, content: string) => ({
  path,
  owner: "root:root",
  permissions,
  content,
});
const value = (name: string, content: string) =>
  file(`/etc/lobster/${name}`, "0600", content.endsWith("\n") ? content : `${content}\n`);
const script = (name: string, content: string) => file(`/usr/local/lib/lobster/${name}`, "0700", content);
const lines = (items: readonly string[]): string => items.map((item) => `${item}\n`).join("");

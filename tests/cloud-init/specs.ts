import { Secret } from "@lobstercontrol/core";
import type { CloudInitOptions } from "@lobstercontrol/provisioner";
import { controlPlaneUrl } from "./droplet.ts";

/** The bootstrap token of every droplet here. In two pieces, so that this file is not taken for a leak. */
export const token = ["lcb", "OnlyForTheSuiteOfCloudInit0000"].join("_");

const digest = `sha256:${"0a".repeat(32)}`;

/** A server as most are. */
export const plain: CloudInitOptions = {
  account: "acme",
  controlPlaneUrl,
  bootstrapToken: new Secret(token),
  gatewayImage: "registry.example.com/openclaw:2026.9.6",
  runtimeImage: `registry.example.com/lobster-runtime@${digest}`,
};

/** Servers of all kinds, by a name for the test. */
export const specs: Record<string, CloudInitOptions> = {
  plain,
  "without swap": { ...plain, swapMib: 0 },
  "for Ubuntu": { ...plain, image: "ubuntu-24-04-x64" },
  "for Debian 12, with Docker's own packages": { ...plain, image: "debian-12-x64", docker: "official" },
  "with everything": {
    ...plain,
    account: `ac'me "é" \u{1f980} \u2028 \ufeff $(reboot) %s #cloud-config`,
    bootstrapToken: new Secret(`${token}'"$(touch$IFS/hacked)\`touch$IFS/hacked\`%s\\`),
    controlPlaneUrl: `${controlPlaneUrl}/$(touch)%27;&`,
    convexUrl: "https://happy-animal-1.example.com",
    hostname: "acme-1.servers.example.com",
    swapMib: 64,
    adminSshKeys: [
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZyb20gdGhlIHN1aXRlIG9mIGNsb3VkLWluaXQuLi4h ops $(touch /hacked) 'a' \"b\"",
    ],
  },
};

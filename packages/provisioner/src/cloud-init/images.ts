/** The images of DigitalOcean that a server can be made from. */
export type DropletImage = "debian-12-x64" | "debian-13-x64" | "ubuntu-24-04-x64";

/** Where Docker comes from: the packages of the image's distribution, or Docker's own repository. */
export type DockerSource = "distribution" | "official";

/**
 * Each distribution's packages of Docker with compose v2; null when it has none. Debian 12 has compose 1.29, which does not
 * know `up --wait`.
 */
export const dockerPackages: Record<DropletImage, readonly string[] | null> = {
  "debian-12-x64": null,
  "debian-13-x64": ["docker.io", "docker-cli", "docker-compose"],
  "ubuntu-24-04-x64": ["docker.io", "docker-compose-v2"],
};

/** The packages of Docker's own repository. */
export const officialPackages: readonly string[] = [
  "docker-ce",
  "docker-ce-cli",
  "containerd.io",
  "docker-compose-plugin",
];

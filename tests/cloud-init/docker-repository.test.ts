import { renderCloudInit } from "@lobstercontrol/provisioner";
import { describe, expect, inject, it } from "vitest";
import { makeDroplet, type Droplet } from "./droplet.ts";
import { specs } from "./specs.ts";

const script = "/usr/local/lib/lobster/add-docker-repository";
const spec = specs["for Debian 12, with Docker's own packages"]!;

/** Has Debian's own keys downloaded in the place of Docker's, which are not to be had here; gives the first's fingerprint. */
async function layKeysReady(droplet: Droplet): Promise<string> {
  return await droplet.sh(`
    cp /usr/share/keyrings/debian-archive-keyring.gpg /recorded/download
    gpg --show-keys --with-colons /recorded/download 2>/dev/null | awk -F: '$1 == "fpr" && !n++ { printf "%s", $10 }'
  `);
}

describe.runIf(inject("roots"))("Docker's own repository", () => {
  it("is not added when its key is another one; the phase fails and says so", async () => {
    await using droplet = await makeDroplet("bookworm", renderCloudInit(spec));
    await layKeysReady(droplet);
    await droplet.boot();
    expect(droplet.beacons.at(-1)).toMatchObject({
      phase: "docker",
      ok: false,
      stderrTail: expect.stringMatching(/the key of Docker's repository is not [0-9A-F]{40}/),
    });
    expect((await droplet.run("ls", "/etc/apt/sources.list.d/docker.sources")).code).not.toBe(0);
    expect(await droplet.sh("cat /recorded/commands")).not.toContain("docker-ce");
  });

  it("is added with the one key that has the fingerprint, whatever else was downloaded", async () => {
    await using droplet = await makeDroplet("bookworm", renderCloudInit(spec));
    const fingerprint = await layKeysReady(droplet);
    await droplet.boot();
    // The script is told the fingerprint of the key that there is, and is otherwise as it is.
    await droplet.sh(
      `sed -i 's/^fingerprint=.*/fingerprint=${fingerprint}/' ${script}; /usr/local/lib/lobster/boot`,
    );
    expect(droplet.beacons.at(-1)).toMatchObject({ phase: "start", ok: true });
    const keys = await droplet.sh("gpg --show-keys --with-colons /etc/apt/keyrings/docker.gpg 2>/dev/null");
    expect(keys.match(/^pub:/gm)).toHaveLength(1);
    expect(keys).toContain(fingerprint);
    expect(await droplet.sh("cat /etc/apt/sources.list.d/docker.sources")).toMatch(
      /^Types: deb\nURIs: https:\/\/\S+\/linux\/debian\nSuites: bookworm\nComponents: stable\nArchitectures: \w+\nSigned-By: \/etc\/apt\/keyrings\/docker.gpg\n$/,
    );
    expect(await droplet.sh("cat /recorded/commands")).toContain(
      "apt-get install --yes --no-install-recommends -- docker-ce docker-ce-cli containerd.io docker-compose-plugin",
    );
  });
});

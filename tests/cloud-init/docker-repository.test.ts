import { renderCloudInit } from "@lobstercontrol/provisioner";
import { describe, expect, inject, it } from "vitest";
import { makeDroplet, type Droplet } from "./droplet.ts";
import { specs } from "./specs.ts";

const script = "/usr/local/lib/lobster/add-docker-repository";
const spec = specs["for Debian 12, with Docker's own packages"]!;

/** Lays two keys ready for the download, and gives the fingerprint of the first. */
async function layKeysReady(droplet: Droplet): Promise<string> {
  return await droplet.sh(`
    export GNUPGHOME=/recorded/gnupg
    mkdir -m 0700 "$GNUPGHOME"
    for name in good other; do gpg --batch --quiet --passphrase '' --quick-generate-key $name@example.com; done
    gpg --export >/recorded/download
    gpg --list-keys --with-colons good@example.com | awk -F: '$1 == "fpr" { printf "%s", $10; exit }'
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
    // Docker's own key is not to be had here: the script is told another fingerprint, and is otherwise as it is.
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

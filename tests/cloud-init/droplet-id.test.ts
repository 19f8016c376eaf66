import { renderCloudInit } from "@lobstercontrol/provisioner";
import { describe, expect, inject, it } from "vitest";
import { makeDroplet, type Droplet } from "./droplet.ts";
import { plain } from "./specs.ts";

const bring = "/usr/local/lib/lobster/droplet-id";
const kept = "/run/lobster-bootstrap/droplet-id";

/** The metadata service of a droplet, at its own address in the droplet's network, with this as the droplet's id. */
async function serveMetadata(droplet: Droplet, id: string): Promise<void> {
  await droplet.write("/recorded/metadata/metadata/v1/id", id);
  await droplet.sh(`
ip address add 169.254.169.254/32 dev lo
python3 -m http.server --bind 169.254.169.254 --directory /recorded/metadata 80 >/dev/null 2>&1 &
`);
  await expect
    .poll(async () => (await droplet.run("bash", "-c", listening)).code, { timeout: 20_000 })
    .toBe(0);
}
const listening = "exec 3<>/dev/tcp/169.254.169.254/80";

describe.runIf(inject("roots"))("which droplet it is", () => {
  it("is asked of the metadata service, past any proxy, and laid where the runtime can read it", async () => {
    await using droplet = await makeDroplet("trixie", renderCloudInit(plain));
    await serveMetadata(droplet, "386734086");
    await droplet.boot();
    expect(droplet.beacons.at(-1)).toMatchObject({ phase: "start", ok: true });
    expect(await droplet.sh(`cat ${kept}; stat -c '%a %u:%g' ${kept}`)).toBe("386734086\n400 18789:18789\n");
    expect(await droplet.sh(`http_proxy=http://127.0.0.1:1 ${bring}`)).toBe("386734086\n");
  });

  it("stays open when the service is silent or says something else, and the droplet comes up all the same", async () => {
    await using droplet = await makeDroplet("trixie", renderCloudInit(plain));
    await droplet.boot();
    expect(droplet.beacons.at(-1)).toMatchObject({ phase: "start", ok: true });
    expect(await droplet.sh(`cat ${kept}`)).toBe("");
    expect(await droplet.run(bring)).toMatchObject({ code: 1, stdout: "" });

    await serveMetadata(droplet, "<html>404</html>\n");
    expect(await droplet.run(bring)).toEqual({
      code: 1,
      stdout: "",
      stderr: "droplet-id: it is no number\n",
    });
    await droplet.sh("rm /recorded/metadata/metadata/v1/id");
    expect(await droplet.run(bring)).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("404"),
    });
  });
});

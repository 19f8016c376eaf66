import { renderCloudInit } from "@lobstercontrol/provisioner";
import { describe, expect, inject, it } from "vitest";
import { makeDroplet } from "./droplet.ts";
import { specs } from "./specs.ts";

describe.runIf(inject("roots")).each(["bookworm", "trixie"] as const)("hostile values on %s", (release) => {
  it("are what they are, and run nothing", async () => {
    const spec = specs["with everything"]!;
    await using droplet = await makeDroplet(release, renderCloudInit(spec));
    await droplet.boot();

    expect(await droplet.sh("cat /etc/lobster/account")).toBe(`${spec.account}\n`);
    expect(await droplet.sh("cat /run/lobster-bootstrap/token")).toBe(`${spec.bootstrapToken.reveal()}\n`);
    expect(await droplet.sh("cat /etc/lobster/control-plane-url")).toBe(`${spec.controlPlaneUrl}\n`);
    expect(await droplet.sh("cat /root/.ssh/authorized_keys")).toBe(`${spec.adminSshKeys?.[0]}\n`);
    expect(await droplet.sh("cat /etc/hostname")).toBe("acme-1\n");
    expect((await droplet.run("ls", "/hacked")).stderr).toContain("No such file");
    // At that URL there is nobody to take a beacon; the server is up all the same.
    expect(droplet.beacons).toEqual([]);
    expect(await droplet.sh("ls /var/lib/lobster-boot")).toContain("start.done");
  });
});

import { renderCloudInit } from "@lobstercontrol/provisioner";
import { describe, expect, inject, it } from "vitest";
import { makeDroplet } from "./droplet.ts";
import { plain, token } from "./specs.ts";

const phases = ["packages", "docker", "firewall", "images", "start"];

describe.runIf(inject("roots"))("a boot with trouble", () => {
  it("reports a phase that fails with what it said, without the token, stops, and goes on from there", async () => {
    await using droplet = await makeDroplet("trixie", renderCloudInit(plain));
    await droplet.sh(`cat >/recorded/fail <<'END'
docker compose * pull*
${Array.from({ length: 500 }, (_, line) => `line ${line} é`).join("\n")}
denied "for" \\ ${token} \t $(reboot)
END`);
    await droplet.boot();

    expect(droplet.beacons.map(({ phase, ok }) => [phase, ok])).toEqual([
      ["packages", true],
      ["docker", true],
      ["firewall", true],
      ["images", false],
    ]);
    const tail = droplet.beacons[3]?.stderrTail ?? "";
    expect(tail.endsWith('line 499 é\ndenied "for" \\ [secret] \t $(reboot)')).toBe(true);
    expect(tail.length).toBeLessThanOrEqual(8_192);
    expect(JSON.stringify(droplet.beacons.map(({ stderrTail }) => stderrTail))).not.toContain(token);
    expect(await droplet.sh("cat /var/lib/lobster-boot/failed")).toBe("images\n");
    expect(await droplet.sh("grep -c 'up --detach' /recorded/commands || true")).toBe("0\n");
    expect((await droplet.run("cloud-init", "status")).stdout).toContain("error");

    await droplet.sh("rm /recorded/fail; : >/recorded/commands; /usr/local/lib/lobster/boot");
    expect(droplet.beacons.slice(4).map(({ phase, ok }) => [phase, ok])).toEqual([
      ["images", true],
      ["start", true],
    ]);
    expect(await droplet.sh("cat /recorded/commands")).not.toContain("apt-get");
    expect(await droplet.sh("ls /var/lib/lobster-boot")).not.toContain("failed");
  });

  it("at a later boot starts the containers, neither installs nor reports again, and runs but once", async () => {
    await using droplet = await makeDroplet("trixie", renderCloudInit(plain));
    await droplet.boot();
    await droplet.sh("rm -r /run/lobster-bootstrap; : >/recorded/commands; /usr/local/lib/lobster/boot");
    expect(await droplet.sh("cat /recorded/commands")).toBe(
      "docker compose up --detach --remove-orphans --wait --wait-timeout 600\n",
    );
    expect(droplet.beacons).toHaveLength(phases.length);
    expect(await droplet.sh("cat /run/lobster-bootstrap/token")).toBe(`${token}\n`);

    const lock = "/var/lib/lobster-boot/lock";
    const { code, stderr } = await droplet.run("flock", lock, "/usr/local/lib/lobster/boot");
    expect(stderr).toContain("another boot is running");
    expect(code).toBe(75);
  });

  it("repeats a beacon that is refused, and goes on without one that never gets through", async () => {
    // The first beacon is refused thrice, and given up; the second one gets through at its third try.
    await using droplet = await makeDroplet("trixie", renderCloudInit(plain), 5);
    await droplet.boot();
    expect(droplet.beacons.map(({ phase }) => phase)).toEqual(phases.slice(1));
  });

  it("tries again when a mirror is busy, a bounded number of times", async () => {
    await using droplet = await makeDroplet("trixie", renderCloudInit(plain));
    await droplet.sh("printf 'apt-get *update\\nno mirror\\n' >/recorded/fail");
    await droplet.boot();
    const commands = (await droplet.sh("cat /recorded/commands")).split("\n");
    expect(commands.filter((command) => /^(?:apt-get|sleep)/.test(command))).toEqual(
      ["apt-get", "sleep", "apt-get", "sleep", "apt-get", "sleep", "apt-get"].map(
        (name) => expect.stringContaining(name) as string,
      ),
    );
    expect(droplet.beacons).toMatchObject([
      { phase: "packages", ok: false, stderrTail: expect.stringContaining("no mirror") },
    ]);
  });
});

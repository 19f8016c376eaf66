import { renderCloudInit } from "@lobstercontrol/provisioner";
import { describe, expect, inject, it } from "vitest";
import { makeDroplet } from "./droplet.ts";
import { plain, specs, token } from "./specs.ts";

const phases = ["packages", "docker", "firewall", "images", "start"];

describe.runIf(inject("roots")).each(["bookworm", "trixie"] as const)("a first boot on %s", (release) => {
  it("writes what it should, runs it in order and reports each phase, and the token is seen by nobody", async () => {
    await using droplet = await makeDroplet(release, renderCloudInit(plain));
    await droplet.boot();

    const status = await droplet.run("cloud-init", "status", "--long");
    expect(status.stdout).toMatch(/^status: done$/m);
    expect(JSON.parse(await droplet.sh("cat /run/cloud-init/result.json"))).toMatchObject({
      v1: { errors: [] },
    });

    expect(droplet.beacons.map(({ phase, ok }) => ({ phase, ok }))).toEqual(
      phases.map((phase) => ({ phase, ok: true })),
    );
    expect(new Set(droplet.beacons.map((beacon) => beacon.token))).toEqual(new Set([token]));

    const stat = await droplet.sh(
      "cd / && stat -c '%a %U:%G %n' etc/lobster/* opt/lobster/.env usr/local/lib/lobster/* swapfile",
    );
    expect(
      stat
        .trim()
        .split("\n")
        .filter((line) => !/^[67]00 root:root /.test(line)),
    ).toEqual([]);
    expect(await droplet.sh("stat -c '%a %u:%g' /run/lobster-bootstrap /run/lobster-bootstrap/token")).toBe(
      "500 18789:18789\n400 18789:18789\n",
    );
    expect(await droplet.sh("grep /swapfile /etc/fstab")).toContain("swap");

    const commands = (await droplet.sh("cat /recorded/commands")).trim().split("\n");
    const ours = commands.filter((command) => /lobster|docker|apt-get/.test(command));
    expect(ours).toEqual([
      "systemctl enable --now lobster.service",
      "apt-get --option APT::Update::Error-Mode=any update",
      "apt-get install --yes --no-install-recommends -- ca-certificates iptables unattended-upgrades",
      "apt-get install --yes --no-install-recommends -- docker.io docker-cli docker-compose",
      "systemctl enable --now docker.service",
      "docker compose version --short",
      "systemctl enable --now lobster-firewall.service",
      "docker compose --project-directory /opt/lobster pull --quiet",
      "docker compose up --detach --remove-orphans --wait --wait-timeout 600",
    ]);
    expect(commands).toContain("systemctl daemon-reload");
    expect(commands.some((command) => command.startsWith("swapon"))).toBe(true);

    const seen =
      (await droplet.sh("cat /recorded/processes")) +
      JSON.stringify(droplet.beacons.map(({ processes }) => processes));
    expect(seen).toContain("/usr/local/lib/lobster/beacon");
    expect(seen).not.toContain(token);
    const holders = (
      await droplet.sh(
        `grep -rlF ${token} / --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev 2>/dev/null || true`,
      )
    )
      .trim()
      .split("\n");
    expect(holders).toContain("/etc/lobster/bootstrap-token");
    expect(holders.filter((file) => file.startsWith("/var/log/"))).toEqual([]);
    // Read as somebody who is nobody in particular: by modes of files and of the folders above them.
    const readable = await droplet.sh(`for file in ${holders.join(" ")}; do
      if setpriv --reuid=4711 --regid=4711 --clear-groups cat "$file" >/dev/null 2>&1; then echo "$file"; fi
    done`);
    expect(readable).toBe("");
  });

  it("closes password logins, as sshd itself sees it, and leaves root without a password", async () => {
    await using droplet = await makeDroplet(release, renderCloudInit(specs["with everything"]!));
    await droplet.boot();
    const sshd = await droplet.sh("mkdir -p /run/sshd; sshd -T");
    expect(sshd).toMatch(/^passwordauthentication no$/m);
    expect(sshd).toMatch(/^kbdinteractiveauthentication no$/m);
    expect(sshd).toMatch(/^permitrootlogin (?:prohibit-password|without-password)$/m);
    expect(await droplet.sh("getent shadow root | cut -d: -f2")).toBe("*\n");
    expect(await droplet.sh("getent passwd | awk -F: '$3 >= 1000 && $3 < 60000'")).toBe("");
  });

  it("takes hostile values as what they are", async () => {
    const spec = specs["with everything"]!;
    await using droplet = await makeDroplet(release, renderCloudInit(spec));
    await droplet.boot();
    expect(await droplet.sh("cat /etc/lobster/account")).toBe(`${spec.account}\n`);
    expect(await droplet.sh("cat /run/lobster-bootstrap/token")).toBe(`${spec.bootstrapToken.reveal()}\n`);
    expect(await droplet.sh("cat /etc/lobster/control-plane-url")).toBe(`${spec.controlPlaneUrl}\n`);
    expect(await droplet.sh("cat /root/.ssh/authorized_keys")).toContain(`${spec.adminSshKeys?.[0]}\n`);
    expect(await droplet.sh("cat /etc/hostname")).toBe("acme-1\n");
    expect((await droplet.run("ls", "/hacked")).code).not.toBe(0);
    // Nobody is there at that URL; the server is up all the same.
    expect(droplet.beacons).toEqual([]);
    expect(await droplet.sh("ls /var/lib/lobster-boot")).toContain("start.done");
  });
});

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

  it("at a later boot starts the containers, and neither installs nor reports again", async () => {
    await using droplet = await makeDroplet("trixie", renderCloudInit(plain));
    await droplet.boot();
    await droplet.sh("rm -r /run/lobster-bootstrap; : >/recorded/commands; /usr/local/lib/lobster/boot");
    expect(await droplet.sh("cat /recorded/commands")).toBe(
      "docker compose up --detach --remove-orphans --wait --wait-timeout 600\n",
    );
    expect(droplet.beacons).toHaveLength(phases.length);
    expect(await droplet.sh("cat /run/lobster-bootstrap/token")).toBe(`${token}\n`);
  });

  it("repeats a beacon that is refused, and goes on without one that never gets through", async () => {
    // The first beacon gets through at its third try; the second one is refused thrice.
    await using droplet = await makeDroplet("trixie", renderCloudInit(plain), 2);
    await droplet.boot();
    expect(droplet.beacons.map(({ phase }) => phase)).toEqual(phases);
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

  it("is refused while another one runs", async () => {
    await using droplet = await makeDroplet("trixie", renderCloudInit(plain));
    await droplet.boot();
    const { code, stderr } = await droplet.run(
      "flock",
      "/var/lib/lobster-boot/lock",
      "/usr/local/lib/lobster/boot",
    );
    expect(stderr).toContain("another boot is running");
    expect(code).toBe(75);
  });
});

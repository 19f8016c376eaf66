import { renderCloudInit } from "@lobstercontrol/provisioner";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { makeDroplet, type Droplet } from "./droplet.ts";
import { plain, token } from "./specs.ts";

describe.runIf(inject("roots")).each(["bookworm", "trixie"] as const)("a first boot on %s", (release) => {
  let droplet: Droplet;
  beforeAll(async () => {
    droplet = await makeDroplet(release, renderCloudInit(plain));
    await droplet.boot();
  });
  afterAll(() => droplet[Symbol.asyncDispose]());

  it("is one that cloud-init has nothing to say against", async () => {
    expect((await droplet.run("cloud-init", "status", "--long")).stdout).toMatch(/^status: done$/m);
    const result: unknown = JSON.parse(await droplet.sh("cat /run/cloud-init/result.json"));
    expect(result).toMatchObject({ v1: { errors: [] } });
  });

  it("reports each phase to the control plane, in order, with the bootstrap token", () => {
    const phases = ["packages", "docker", "firewall", "images", "start"];
    expect(droplet.beacons.map(({ phase, ok, token: sent }) => ({ phase, ok, sent }))).toEqual(
      phases.map((phase) => ({ phase, ok: true, sent: token })),
    );
  });

  it("runs what it should, in order", async () => {
    const commands = (await droplet.sh("cat /recorded/commands")).trim().split("\n");
    expect(commands.filter((command) => /lobster|docker|apt-get/.test(command))).toEqual([
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
    const reload = commands.indexOf("systemctl daemon-reload");
    expect(reload).toBeGreaterThan(-1);
    expect(reload).toBeLessThan(commands.indexOf("systemctl enable --now lobster.service"));
  });

  it("writes files that are root's alone, and a token that the runtime can read", async () => {
    const files = "/etc/lobster/* /opt/lobster/* /opt/lobster/.env /usr/local/lib/lobster/* /swapfile";
    const lines = (await droplet.sh(`stat -c '%a %U:%G %n' ${files}`)).trim().split("\n");
    expect(lines.length).toBeGreaterThan(15);
    expect(lines.filter((line) => !/^[67]00 root:root /.test(line))).toEqual([]);
    expect(await droplet.sh("cd /run/lobster-bootstrap; stat -c '%a %u:%g %n' . token")).toBe(
      "500 18789:18789 .\n400 18789:18789 token\n",
    );
  });

  it("has swap now and after a restart", async () => {
    expect(await droplet.sh("cat /recorded/commands")).toMatch(/^swapon/m);
    expect(await droplet.sh("grep /swapfile /etc/fstab")).toMatch(/\sswap\s/);
  });

  it("logs in nobody by a password, as sshd itself sees it", async () => {
    const sshd = await droplet.sh("mkdir -p /run/sshd; sshd -T");
    expect(sshd).toMatch(/^passwordauthentication no$/m);
    expect(sshd).toMatch(/^kbdinteractiveauthentication no$/m);
    expect(sshd).toMatch(/^permitrootlogin (?:prohibit-password|without-password)$/m);
    expect(await droplet.sh("getent shadow root | cut -d: -f2")).toBe("*\n");
    // Nor has anybody else got in.
    expect(await droplet.sh("getent passwd | awk -F: '$3 >= 1000 && $3 < 60000'")).toBe("");
  });

  it("has units that systemd understands", async () => {
    // The container engine is not installed, so that neither is its unit.
    const units = "/etc/systemd/system/lobster.service /etc/systemd/system/lobster-firewall.service";
    const { code, stdout, stderr } = await droplet.run("bash", "-c", `systemd-analyze verify ${units}`);
    const said = (stdout + stderr).split("\n").filter((line) => line.includes("lobster"));
    expect(said.filter((line) => !/docker.*not (?:found|executable)|No such file/.test(line))).toEqual([]);
    expect(code).not.toBe(127);
  });

  it("shows the bootstrap token in no argument, environment or log, nor in a file that others can read", async () => {
    const processes = droplet.beacons.flatMap((beacon) => beacon.processes);
    const seen = (await droplet.sh("cat /recorded/processes")) + processes.join("\n");
    expect(seen).toContain("/usr/local/lib/lobster/beacon");
    expect(seen).not.toContain(token);

    const skip = ["proc", "sys", "dev"].map((folder) => `--exclude-dir=${folder}`).join(" ");
    const holders = (await droplet.sh(`grep -rlF ${token} / ${skip} || true`)).trim().split("\n");
    expect(holders).toContain("/etc/lobster/bootstrap-token");
    expect(holders.filter((file) => file.startsWith("/var/log/"))).toEqual([]);
    // As somebody who is nobody in particular, so that the folders above count too.
    const nobody = "setpriv --reuid=4711 --regid=4711 --clear-groups";
    expect(await droplet.sh(`for file in ${holders.join(" ")}; do ${nobody} cat "$file" || true; done`)).toBe(
      "",
    );
  });
});

import { renderCloudInit } from "@lobstercontrol/provisioner";
import { expect, inject, it } from "vitest";
import { makeDroplet } from "./droplet.ts";
import { plain } from "./specs.ts";

/** A network like a droplet's: a container behind the machine, and the metadata service on its other side. */
const network = `
for name in container metadata; do
  ip netns add $name
  ip link add $name type veth peer name eth0 netns $name
  ip link set $name up
  ip -n $name link set eth0 up
done
ip address add 172.17.0.1/16 dev container
ip -n container address add 172.17.0.2/16 dev eth0
ip -n container route add default via 172.17.0.1
ip address add 169.254.0.1/16 dev metadata
ip -n metadata address add 169.254.169.254/16 dev eth0
ip -n metadata route add default via 169.254.0.1
echo 1 >/proc/sys/net/ipv4/ip_forward
mkdir /recorded/metadata
echo user-data >/recorded/metadata/index.html
ip netns exec metadata python3 -m http.server --directory /recorded/metadata 80 >/dev/null 2>&1 &
`;
const ask = `python3 -c 'import urllib.request; print(urllib.request.urlopen("http://169.254.169.254/", timeout=3).read().decode())'`;

it.runIf(inject("roots"))(
  "keeps a container from the metadata address, by the real iptables, and the machine not",
  async () => {
    await using droplet = await makeDroplet("trixie", renderCloudInit(plain));
    await droplet.boot();
    expect(droplet.beacons).toContainEqual(expect.objectContaining({ phase: "firewall", ok: true }));
    await droplet.sh(network);
    // As Docker does when it starts: it keeps what stands in the chain, and sends what it forwards through it.
    await droplet.sh("iptables --append FORWARD --jump DOCKER-USER");
    await expect
      .poll(async () => (await droplet.run("bash", "-c", ask)).stdout, { timeout: 20_000 })
      .toBe("user-data\n\n");

    const refused = await droplet.run("bash", "-c", `ip netns exec container ${ask}`);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("Connection refused");

    // When Docker restarts, so does the unit; the rule is there once all the same.
    await droplet.sh("systemctl enable --now lobster-firewall.service");
    expect(await droplet.sh("iptables --list-rules DOCKER-USER")).toBe(
      "-N DOCKER-USER\n-A DOCKER-USER -d 169.254.169.254/32 -j REJECT --reject-with icmp-port-unreachable\n",
    );

    // It is the rule that did it.
    await droplet.sh("iptables --flush DOCKER-USER");
    expect((await droplet.run("bash", "-c", `ip netns exec container ${ask}`)).stdout).toBe("user-data\n\n");
  },
);

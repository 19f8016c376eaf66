import { bootstrapFolder, containerUid } from "../../compose/render-compose.ts";

/**
 * The phases of a boot: fixed texts. What differs between servers they read from files, and hand on as an argument or as
 * data. Each can be run again.
 */

const head = String.raw`#!/bin/bash
set -euo pipefail
`;

/** What the rest stands on. */
export const phasePackages = `${head}${String.raw`
export DEBIAN_FRONTEND=noninteractive
retry=/usr/local/lib/lobster/retry
# Without the option, apt-get calls it a success when no mirror answered.
"$retry" apt-get --option APT::Update::Error-Mode=any update
"$retry" xargs --arg-file=/etc/lobster/packages apt-get install --yes --no-install-recommends --
`}`;

/** Docker, from wherever it comes. */
export const phaseDocker = `${head}${String.raw`
export DEBIAN_FRONTEND=noninteractive
retry=/usr/local/lib/lobster/retry
if [[ -x /usr/local/lib/lobster/add-docker-repository ]]; then
  /usr/local/lib/lobster/add-docker-repository
  "$retry" apt-get --option APT::Update::Error-Mode=any update
fi
"$retry" xargs --arg-file=/etc/lobster/docker-packages apt-get install --yes --no-install-recommends --
systemctl enable --now docker.service
version=$(docker compose version --short)
if [[ ! $version =~ ^v?([2-9]|[1-9][0-9])\. ]]; then
  echo "compose $version is too old: 2 or later is needed" >&2
  exit 1
fi
`}`;

/** The key is taken by its fingerprint: whatever else the download may bring is not trusted. */
export const addDockerRepository = `${head}${String.raw`
fingerprint=9DC858229FC7DD38854AE2D88D81803C0EBFCD88
# shellcheck source=/dev/null
. /etc/os-release
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
curl --fail --silent --show-error --location --proto '=https' --retry 5 \
  --output "$home/download" "https://download.docker.com/linux/$ID/gpg"
# Public keys need no agent, and gpg's package brings none.
gpg --no-autostart --homedir "$home" --batch --quiet --import "$home/download"
gpg --no-autostart --homedir "$home" --batch --quiet --export "$fingerprint" >"$home/docker.gpg"
if [[ ! -s $home/docker.gpg ]]; then
  echo "the key of Docker's repository is not $fingerprint" >&2
  exit 1
fi
install -D --mode=0644 "$home/docker.gpg" /etc/apt/keyrings/docker.gpg
architecture=$(dpkg --print-architecture)
cat >/etc/apt/sources.list.d/docker.sources <<END
Types: deb
URIs: https://download.docker.com/linux/$ID
Suites: $VERSION_CODENAME
Components: stable
Architectures: $architecture
Signed-By: /etc/apt/keyrings/docker.gpg
END
chmod 0644 /etc/apt/sources.list.d/docker.sources
`}`;

/** Before the first container starts, and by its unit before every later one. */
export const phaseFirewall = `${head}${String.raw`
systemctl enable --now lobster-firewall.service
iptables --wait --check DOCKER-USER --destination 169.254.169.254 --jump REJECT
`}`;

/** The rule of lobster-firewall.service. Docker keeps what stands in this chain, and sends every container through it. */
export const blockMetadata = `${head}${String.raw`
rule() {
  iptables --wait "$1" DOCKER-USER --destination 169.254.169.254 --jump REJECT
}
# Fails when the chain is there, which is as good.
iptables --wait --new-chain DOCKER-USER 2>/dev/null || true
rule --check 2>/dev/null || rule --insert
`}`;

/** Fetched in a phase of its own: a registry that refuses is told from a container that does not start. */
export const phaseImages = `${head}${String.raw`
/usr/local/lib/lobster/retry docker compose --project-directory /opt/lobster pull --quiet
`}`;

/** Up, and healthy. */
export const phaseStart = `${head}${String.raw`
# A copy in memory that the runtime's uid can read; the gateway's container does not have the folder.
uid=${containerUid}
install --directory --mode=0500 --owner="$uid" --group="$uid" ${bootstrapFolder}
install --mode=0400 --owner="$uid" --group="$uid" /etc/lobster/bootstrap-token ${bootstrapFolder}/token
# Without it the control plane does not know which of two droplets called home; no reason not to come up.
/usr/local/lib/lobster/droplet-id >${bootstrapFolder}/droplet-id || true
chmod 0400 ${bootstrapFolder}/droplet-id
chown "$uid:$uid" ${bootstrapFolder}/droplet-id
cd /opt/lobster
if ! docker compose up --detach --remove-orphans --wait --wait-timeout 600; then
  # Not their logs: a gateway may write there what is nobody's business.
  docker compose ps --all >&2 || true
  exit 1
fi
`}`;

/** A mirror, a registry or a lock that is busy is no failure yet. */
export const retry = `${head}${String.raw`
for wait in 5 15 30; do
  if "$@"; then exit 0; fi
  sleep "$wait"
done
exec "$@"
`}`;

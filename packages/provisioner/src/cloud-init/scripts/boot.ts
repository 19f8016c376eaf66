/** Runs the phases in their order, remembers which are done, and reports each. */
export const boot = String.raw`#!/bin/bash
# Brings this server up, phase by phase, at every boot. A phase that is done stays done; one that fails ends the boot, and
# the next boot, or "systemctl restart lobster", goes on from there. /var/lib/lobster-boot has the state:
#   PHASE.done  failed (the name of the phase)  PHASE.stderr (what it said)  reported (the first boot is over)
set -uo pipefail
umask 077
lib=/usr/local/lib/lobster
state=/var/lib/lobster-boot
mkdir -p "$state"

exec 9>"$state/lock"
if ! flock --nonblock 9; then
  echo "lobster: another boot is running" >&2
  exit 75
fi

# The bootstrap token is good for the first boot only.
report() {
  if [[ ! -e $state/reported ]]; then "$lib/beacon" "$@" 9>&- || true; fi
}

for phase in packages docker firewall images start; do
  # Containers are started at each boot; the rest is there already.
  if [[ -e $state/$phase.done && $phase != start ]]; then continue; fi
  echo "lobster: $phase"
  if "$lib/phase-$phase" 9>&- 2>"$state/$phase.stderr"; then
    cat "$state/$phase.stderr" >&2
    rm "$state/$phase.stderr"
    touch "$state/$phase.done"
    report "$phase" ok
  else
    cat "$state/$phase.stderr" >&2
    echo "$phase" >"$state/failed"
    echo "lobster: $phase failed" >&2
    report "$phase" failed "$state/$phase.stderr"
    exit 1
  fi
done
rm -f "$state/failed"
touch "$state/reported"
echo "lobster: up"
`;

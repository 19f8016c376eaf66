/**
 * What a droplet of this suite has in place of programs that would need a booted machine, a network or dockerd. They stand
 * first on the `PATH` inside the root, and nothing else knows of them. Booting a droplet whole comes with the images.
 *
 * Each writes its arguments, and those and the environment of every process, to `/recorded`. A command that matches the first
 * line of `/recorded/fail` fails, with the other lines on stderr.
 */
const record = String.raw`#!/bin/bash
name=$(basename "$0")
{ printf '%s' "$name"; printf ' %s' "$@"; echo; } >>/recorded/commands
for process in /proc/[0-9]*; do
  tr '\0' ' ' <"$process/cmdline"; echo
  tr '\0' '\n' <"$process/environ"
done >>/recorded/processes 2>/dev/null
if [[ -e /recorded/fail && "$name $*" == $(head -n 1 /recorded/fail) ]]; then
  tail -n +2 /recorded/fail >&2
  exit 100
fi
`;

/** Runs what a unit of ours says, with its umask; a unit of a package is as good as started. */
const systemctl = String.raw`
if [[ $1 = enable && $2 = --now && -e /etc/systemd/system/$3 ]]; then
  command=$(sed -n 's/^ExecStart=//p' "/etc/systemd/system/$3")
  umask "$(sed -n 's/^UMask=//p' "/etc/systemd/system/$3" | grep . || echo 0022)"
  exec $command
fi
`;

/** Downloads what the test has laid ready. */
const curl = String.raw`
while (($# > 0)); do
  if [[ $1 = --output ]]; then cp /recorded/download "$2"; fi
  shift
done
`;

/** The version and the reading of the compose file are the real one's, where there is one. */
const docker = String.raw`
case "$*" in
  "compose version --short") if [[ -x /usr/bin/docker ]]; then exec /usr/bin/docker "$@"; else echo 2.26.1; fi ;;
  "compose up "*) if [[ -x /usr/bin/docker ]]; then exec /usr/bin/docker compose config; fi ;;
esac
`;

/** By their name. */
export const standIns: Record<string, string> = {
  "apt-get": record,
  curl: record + curl,
  docker: record + docker,
  // A swap file of the root would become swap of the machine that runs this suite.
  swapon: record,
  sleep: record,
  systemctl: record + systemctl,
};

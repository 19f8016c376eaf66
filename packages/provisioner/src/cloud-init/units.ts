/** What brings the server up at each boot, and its containers down in time before the machine goes. */
export const lobsterService = `[Unit]
Description=The OpenClaw server of one account
Documentation=https://lobstercontrol.github.io/lobstercontrol/droplet
Wants=network-online.target
After=network-online.target docker.service

[Service]
Type=oneshot
RemainAfterExit=yes
UMask=0077
ExecStart=/usr/local/lib/lobster/boot
ExecStop=/usr/bin/docker compose --project-directory /opt/lobster stop
TimeoutStartSec=3600
# The runtime finishes its runs, then the gateway: as long as compose waits for the two.
TimeoutStopSec=700

[Install]
WantedBy=multi-user.target
`;

/**
 * Before Docker, so that no container is ever up without it; with Docker, when that is restarted; and without it Docker does
 * not start at all.
 */
export const firewallService = `[Unit]
Description=Keeps containers from the metadata address
Documentation=https://lobstercontrol.github.io/lobstercontrol/droplet
Before=docker.service
PartOf=docker.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/lib/lobster/block-metadata

[Install]
RequiredBy=docker.service
`;

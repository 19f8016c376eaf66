/**
 * The compose file of one account's server: its gateway and its runtime.
 *
 * The text is always the same. Which images run, and for whom, stands in a file `.env` beside it, from which compose fills
 * in `${…}` as values, never as YAML: see `renderComposeEnv`.
 *
 * The runtime is in the gateway's network namespace and has its uid. So the gateway listens on loopback only, its control
 * calls need no pairing, and nothing is published. The service token and the bootstrap token are where the gateway's
 * container, and with it an agent that may run programs, cannot read them. What both need, the gateway's token and the
 * provider keys, is on a volume in memory.
 *
 * @example
 * ```ts
 * import { writeFile } from "node:fs/promises";
 * import { renderCompose } from "@lobstercontrol/provisioner";
 *
 * await writeFile("docker-compose.yml", renderCompose());
 * ```
 */
export function renderCompose(): string {
  return text;
}

/**
 * The uid and gid of both containers. Not 1000: the first person who is given an account on the machine gets that one, and
 * could read what belongs to the containers.
 */
export const containerUid = 18_789;

/** Where the runtime finds the bootstrap token and the droplet's id: a folder of the host, which the gateway's container does not have. */
export const bootstrapFolder = "/run/lobster-bootstrap";

const text = `# One account's server. The values come from the file .env beside this one.
name: lobster

x-common: &common
  restart: unless-stopped
  user: "${containerUid}:${containerUid}"
  init: true
  read_only: true
  cap_drop: [ALL]
  security_opt: ["no-new-privileges:true"]
  logging:
    driver: local
    options: { max-size: 10m, max-file: "5" }

services:
  openclaw-gateway:
    <<: *common
    image: \${OPENCLAW_IMAGE:?set OPENCLAW_IMAGE in .env}
    environment:
      HOME: /home/openclaw
      OPENCLAW_BIND_HOST: 127.0.0.1
      OPENCLAW_GATEWAY_TOKEN_FILE: /run/lobster/gateway-token
      OPENCLAW_STATE_DIR: /home/openclaw/.openclaw
      OPENCLAW_CONFIG_PATH: /home/openclaw/.openclaw/openclaw.json
      OPENCLAW_SECRETS_DIR: /run/lobster
      OPENCLAW_WORKSPACES_DIR: /home/openclaw/workspaces
    volumes:
      - openclaw-home:/home/openclaw
      - shared-secrets:/run/lobster
    tmpfs:
      - /tmp:mode=1777
    # Chromium keeps its pages there; the 64 MB of Docker's default crash it.
    shm_size: 2gb
    # As long as the longest run, and then some: what is stopped half-way was paid for.
    stop_grace_period: 330s
    healthcheck:
      test:
        - CMD
        - node
        - -e
        - 'fetch("http://127.0.0.1:18789/healthz").then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))'
      interval: 30s
      timeout: 10s
      retries: 5
      start_period: 120s

  runtime:
    <<: *common
    image: \${RUNTIME_IMAGE:?set RUNTIME_IMAGE in .env}
    # The namespace goes with the gateway's container: when compose replaces that one, this one starts anew.
    network_mode: service:openclaw-gateway
    depends_on:
      openclaw-gateway:
        condition: service_started
        restart: true
    env_file: [.env]
    environment:
      DRAIN_GRACE_MS: "310000"
      SERVICE_TOKEN_FILE: /var/lib/lobster/service-token
      BOOTSTRAP_TOKEN_FILE: ${bootstrapFolder}/token
      DROPLET_ID_FILE: ${bootstrapFolder}/droplet-id
      OPENCLAW_GATEWAY_URL: http://127.0.0.1:18789
      OPENCLAW_GATEWAY_TOKEN_FILE: /run/lobster/gateway-token
      OPENCLAW_CONFIG_PATH: /home/openclaw/.openclaw/openclaw.json
      OPENCLAW_SECRETS_DIR: /run/lobster
      OPENCLAW_WORKSPACES_DIR: /home/openclaw/workspaces
    volumes:
      - runtime-state:/var/lib/lobster
      - openclaw-home:/home/openclaw
      - shared-secrets:/run/lobster
      - type: bind
        source: \${LOBSTER_BOOTSTRAP_DIR:?set LOBSTER_BOOTSTRAP_DIR in .env}
        target: ${bootstrapFolder}
        read_only: true
    tmpfs:
      - /tmp:mode=1777
    # Runs finish before it goes, and it is gone before the gateway.
    stop_grace_period: 320s
    healthcheck:
      test:
        - CMD
        - node
        - -e
        - 'fetch("http://127.0.0.1:18780/health").then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))'
      interval: 30s
      timeout: 10s
      retries: 5
      start_period: 120s

volumes:
  # The service token; of the runtime alone.
  runtime-state:
  openclaw-home:
  # Gone with the last container that uses it: the runtime writes it again at its start.
  shared-secrets:
    driver_opts:
      type: tmpfs
      device: tmpfs
      o: size=16m,mode=0700,uid=${containerUid},gid=${containerUid},nosuid,nodev,noexec
`;

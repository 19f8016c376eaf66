import {
  contextLimits,
  createBootstrapPort,
  heartbeatInput,
  InvalidInputError,
  scrubbedLogger,
  Secret,
  silentLogger,
  systemClock,
  type AdminOf,
  type BackoffOptions,
  type Clock,
  type ContextLimits,
  type ControlPlane,
  type Logger,
  type ProviderKeySet,
  type Provisioner,
  type ProvisionStore,
} from "@lobstercontrol/core";
import { createProviderKeys, type SecretStore, type Vault } from "@lobstercontrol/secrets";
import { createAdminPort, type SqliteAdminPort } from "./admin.ts";
import { openDatabase, storageError } from "./database.ts";
import { fleet } from "./fleet.ts";
import { migrate } from "./migrate.ts";
import { migrations } from "./migrations.ts";
import { createNotifications } from "./notifications.ts";
import { createPlatformPort } from "./platform.ts";
import { createDropletOperator } from "./provision-admin.ts";
import { createProvisionRecords } from "./provision-records.ts";
import { createProvisionStore } from "./provision-store.ts";
import { createRuntimePort } from "./runtime.ts";
import { createSecretStore } from "./secret-store.ts";
import { hashServiceToken } from "./service-token.ts";
import type { ContextOf, Store } from "./store.ts";
import { createTurn } from "./turn.ts";
import { createWake } from "./wake.ts";
import { openWriteAheadLog } from "./write-ahead-log.ts";

/** How a SQLite control plane is made. */
export interface SqliteControlPlaneOptions {
  /** The file; it is made when missing, its folder is not. `:memory:` keeps nothing. */
  path: string;
  /** Seals provider keys. Without one they cannot be stored, and what was stored cannot be revealed. */
  vault?: Vault;
  /** Provider keys for accounts that have stored none, such as `providerKeysFromEnv` gives; used with a vault only. */
  fallbackKeys?: ProviderKeySet["keys"];
  /**
   * Called when a notification is handed out: adds instructions, and what was said in the thread. When it throws or takes too
   * long, that notification is tried again later, and the others go on. Heartbeats have no thread of the platform's, and are
   * handed out without.
   */
  context?: ContextOf;
  /** How much of a thread is told: 50 messages and 32,000 characters by default. What is left out is said. */
  contextLimits?: Partial<ContextLimits>;
  /** How long `context` may take, in milliseconds: 5,000 by default. */
  contextTimeoutMs?: number;
  /** What an agent is told at its heartbeat: by default to look whether anything needs it, and to answer HEARTBEAT_OK if not. */
  heartbeatInput?: string;
  /**
   * Makes what gives accounts their droplets, on this control plane's store, such as
   * `(store) => createProvisioner({ api, store, userData })`. Without one, nothing is provisioned.
   */
  provisioner?: (store: ProvisionStore) => Provisioner;
  /** Where warnings go. They are scrubbed first. */
  logger?: Logger;
  /** With this many attempts that count a notification is dead: 8 by default. */
  maxAttempts?: number;
  /** The waits between attempts: full jitter up to 2 s, 4 s, 8 s …, at most 5 minutes by default. */
  backoff?: BackoffOptions;
  /** How often to look for what other processes stored in the file, in milliseconds: 100 by default. */
  watchMs?: number;
  /** Whose time. */
  clock?: Clock;
  /** Gives a number in [0, 1). */
  random?: () => number;
}

/** The control plane on one SQLite file: what of {@link ControlPlane} runs on it today, and how to close it. */
export interface SqliteControlPlane extends Pick<
  ControlPlane,
  "platform" | "runtime" | "bootstrap" | "operator"
> {
  /** For an authorised admin of one account. */
  admin: AdminOf<SqliteAdminPort>;
  /** For a runtime in the same program. The token is checked by each call. */
  runtime(serviceToken: Secret | string): ReturnType<ControlPlane["runtime"]>;
  /** The sealed provider keys of all accounts, for `createProviderKeys` to rewrap and to look for faults in. */
  secretStore: SecretStore;
  /** What is known of the accounts' droplets, for a provisioner, and for what drives it. */
  provisionStore: ProvisionStore;
  /** Stores what is waiting and closes the file. Later calls are refused with `ERR_DATABASE_CLOSED`. */
  close(): void;
}

/**
 * Opens a control plane on a SQLite file, in WAL mode. A call is answered once what it stored or read is on the disk, as with
 * `synchronous=FULL`, so that it survives a power cut; but the event loop goes on meanwhile, except for a checkpoint. Several
 * processes may have the same file open; what one of them stores, the others may read a moment before it is on the disk.
 *
 * @throws {DatabaseNewerError} `ERR_DATABASE_NEWER` when a newer version of this package has written the file
 * @throws {DatabaseError} `ERR_DATABASE` when the file cannot be opened
 *
 * @example
 * ```ts
 * import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
 *
 * const controlPlane = createSqliteControlPlane({ path: "lobster.db" });
 * const account = "acme";
 * await controlPlane.platform.upsertAccount({ account });
 * await controlPlane.platform.upsertAgent({ account, agent: "writer" });
 * await controlPlane.platform.notify({
 *   account,
 *   agent: "writer",
 *   thread: "thread-1",
 *   input: "Write the release notes.",
 *   idempotencyKey: "release-42",
 * });
 * const { token } = await controlPlane.admin({ id: "user-1" }, account).issueServiceToken();
 * const port = controlPlane.runtime(token);
 * console.log(await port.agents());
 * ```
 */
export function createSqliteControlPlane(options: SqliteControlPlaneOptions): SqliteControlPlane {
  const { path, maxAttempts = 8, watchMs = 100, clock = systemClock, random = Math.random } = options;
  const { backoff = { baseMs: 2_000, capMs: 5 * 60_000 } } = options;
  if (typeof path !== "string" || path === "")
    throw new InvalidInputError({ field: "path", problem: "must be the path of a file, or :memory:" });
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1)
    throw new InvalidInputError({ field: "maxAttempts", problem: "must be a whole number from 1" });

  const database = openDatabase(path);
  let log;
  try {
    migrate(database, migrations, clock.now());
    log = openWriteAheadLog(database);
  } catch (error) {
    database.close();
    throw storageError(error);
  }
  const turn = createTurn(database, log);
  const wake = createWake(database, clock, watchMs);
  const notifications = createNotifications(database);
  const secrets = createSecretStore(database, turn, wake);
  const provisions = createProvisionRecords(database);
  const provisionStore = createProvisionStore(turn, provisions, clock);
  const { vault, fallbackKeys = [], context = null } = options;
  const logger = scrubbedLogger(options.logger ?? silentLogger);
  const providerKeys =
    vault === undefined ? null : createProviderKeys({ vault, store: secrets, fallbackKeys, clock, logger });
  const store: Store = {
    database,
    turn,
    notifications,
    wake,
    secrets,
    provisions,
    provisioner: options.provisioner?.(provisionStore) ?? null,
    providerKeys,
    context,
    contextLimits: { ...contextLimits, ...options.contextLimits },
    contextTimeoutMs: options.contextTimeoutMs ?? 5_000,
    heartbeatInput: options.heartbeatInput ?? heartbeatInput,
    logger,
    clock,
    random,
    maxAttempts,
    backoff,
  };

  return {
    platform: createPlatformPort(store),
    admin: (actor, account) => createAdminPort(store, actor, account),
    runtime(token) {
      const secret = typeof token === "string" ? new Secret(token) : token;
      // Not by its class: another copy of core may have made it.
      if (typeof (secret as Partial<Secret> | undefined)?.reveal !== "function")
        throw new InvalidInputError({
          field: "token",
          problem: "must be a service token, as a text or a Secret",
        });
      return createRuntimePort(store, hashServiceToken(secret));
    },
    bootstrap: createBootstrapPort({ store: provisionStore, clock }),
    operator: {
      fleet: (request = {}) => turn.read(() => fleet(store, request)),
      ...createDropletOperator(store),
    },
    secretStore: secrets,
    provisionStore,
    close() {
      wake.close();
      turn.close();
    },
  };
}

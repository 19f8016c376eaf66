/**
 * The schema, as the steps that led to it. A step that was released is never edited: files out there have taken it.
 *
 * `session_keys.ready_at` is when the key has something to claim (null: nothing), so that a claim reads one index and not
 * the queue. It is derived by `readyAt` of core from the first live notification of the key, and kept with each change.
 *
 * `contents` stands apart because SQLite writes a row whole: a quarter megabyte of input would be written again with each
 * change of state.
 *
 * `accounts.keys_stored`, `keys_active` and `keys_confirmed` are keys generations: how far the account's provider keys have
 * come. `secrets.version` is the one in which a key was stored.
 *
 * `provisions.record` is a `ProvisionRecord` of core. `service_tokens.provisioned` tells those that droplets brought: they come
 * and go with the record. `bootstrap_tokens` has the hashes that are in a record, to find it by.
 *
 * `messages.id` is made of the notification's, so that its own uniqueness is that of the notification (promise 3). Of what has a
 * `seq` nothing is ever deleted but directives, so that these alone need `AUTOINCREMENT` to never give a number twice.
 *
 * An agent that was taken off the roster keeps its row, with `removed_at`, while it has notifications to deliver.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    roster_revision INTEGER NOT NULL DEFAULT 0,
    closed_at INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE agents (
    account TEXT NOT NULL REFERENCES accounts (id),
    slug TEXT NOT NULL,
    ref TEXT,
    heartbeat_every_ms INTEGER,
    files TEXT NOT NULL,
    PRIMARY KEY (account, slug)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE session_keys (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id),
    agent TEXT NOT NULL,
    thread TEXT NOT NULL,
    epoch INTEGER NOT NULL DEFAULT 0,
    last_position INTEGER NOT NULL DEFAULT 0,
    ready_at INTEGER,
    UNIQUE (account, agent, thread)
  ) STRICT;
  CREATE INDEX session_keys_ready ON session_keys (account, ready_at) WHERE ready_at IS NOT NULL;

  CREATE TABLE notifications (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES accounts (id),
    session_key INTEGER NOT NULL REFERENCES session_keys (id),
    idempotency_key TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'leased', 'delivered', 'dead')),
    position INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    waits INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    lease TEXT,
    attempt TEXT,
    repeated INTEGER NOT NULL,
    last_lease_id TEXT,
    outcome TEXT,
    last_error TEXT,
    created_at INTEGER NOT NULL,
    delivered_at INTEGER,
    UNIQUE (account, idempotency_key)
  ) STRICT;
  CREATE TABLE contents (
    notification INTEGER PRIMARY KEY REFERENCES notifications (seq),
    input TEXT NOT NULL,
    instructions TEXT
  ) STRICT;
  CREATE INDEX notifications_live ON notifications (session_key, position) WHERE state IN ('pending', 'leased');
  CREATE INDEX notifications_dead ON notifications (account, seq) WHERE state = 'dead';
  CREATE INDEX notifications_account ON notifications (account, seq);

  CREATE TABLE messages (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES accounts (id),
    agent TEXT NOT NULL,
    thread TEXT NOT NULL,
    notification TEXT NOT NULL REFERENCES notifications (id),
    text TEXT NOT NULL,
    truncated INTEGER NOT NULL,
    repeated INTEGER NOT NULL,
    response_id TEXT,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX messages_account ON messages (account, seq);

  CREATE TABLE incarnations (
    account TEXT NOT NULL REFERENCES accounts (id),
    worker_id TEXT NOT NULL,
    incarnation TEXT NOT NULL,
    fenced INTEGER NOT NULL DEFAULT 0,
    claim_id TEXT,
    claimed TEXT,
    started_at INTEGER NOT NULL,
    PRIMARY KEY (account, worker_id, incarnation)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE reports (
    account TEXT NOT NULL REFERENCES accounts (id),
    worker_id TEXT NOT NULL,
    report TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (account, worker_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE service_tokens (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id),
    hash TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    revoked_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX service_tokens_account ON service_tokens (account);

  CREATE TABLE activities (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES accounts (id),
    type TEXT NOT NULL,
    actor TEXT NOT NULL,
    subject TEXT,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX activities_account ON activities (account, seq);
  `,
  `
  ALTER TABLE accounts ADD COLUMN keys_stored INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE accounts ADD COLUMN keys_active INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE accounts ADD COLUMN keys_confirmed INTEGER NOT NULL DEFAULT 0;

  CREATE TABLE secrets (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id),
    provider TEXT NOT NULL,
    version INTEGER NOT NULL,
    envelope TEXT NOT NULL,
    last4 TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    UNIQUE (account, provider)
  ) STRICT;
  `,
  `
  ALTER TABLE agents ADD COLUMN removed_at INTEGER;
  ALTER TABLE agents ADD COLUMN heartbeat_next INTEGER;
  ALTER TABLE agents ADD COLUMN heartbeat_slot INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX agents_heartbeat ON agents (account, heartbeat_next)
    WHERE heartbeat_every_ms IS NOT NULL AND removed_at IS NULL;
  CREATE INDEX session_keys_live ON session_keys (account, agent) WHERE ready_at IS NOT NULL;

  DELETE FROM reports;

  CREATE TABLE directives (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES accounts (id),
    kind TEXT NOT NULL CHECK (kind IN ('restart', 'drain', 'resync', 'upgrade')),
    target TEXT,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX directives_account ON directives (account, seq);
  `,
  `
  ALTER TABLE service_tokens ADD COLUMN provisioned INTEGER NOT NULL DEFAULT 0;

  CREATE TABLE provisions (
    account TEXT PRIMARY KEY REFERENCES accounts (id),
    revision INTEGER NOT NULL,
    state TEXT NOT NULL,
    record TEXT NOT NULL
  ) STRICT;
  CREATE TABLE bootstrap_tokens (
    hash TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX bootstrap_tokens_account ON bootstrap_tokens (account);
  `,
];

import {
  accountId,
  dropletFinding,
  InvalidInputError,
  NotFoundError,
  parse,
  runtimeInfo,
  TooManyTokensError,
  upgradeTarget,
  type Activity,
  type ActivityAdmin,
  type Actor,
  type DeliveryAdmin,
  type Directive,
  type NotificationState,
  type PageRequest,
  type ProviderKeyAdmin,
  type RuntimeAdmin,
  type ServiceTokenAdmin,
} from "@lobstercontrol/core";
import { VaultMissingError, type ProviderKeys } from "@lobstercontrol/secrets";
import { insertActivity } from "./activities.ts";
import { messageFromRow, type MessageRow } from "./messages.ts";
import { newestFirst } from "./page.ts";
import { createProvisionAdmin } from "./provision-admin.ts";
import { addDirective, reportsOf } from "./reports.ts";
import { hashServiceToken, newServiceToken } from "./service-token.ts";
import type { Store } from "./store.ts";

/** What an admin of one account can do with this control plane today. */
export type SqliteAdminPort = DeliveryAdmin &
  ServiceTokenAdmin &
  ActivityAdmin &
  ProviderKeyAdmin &
  RuntimeAdmin;

interface ActivityRow extends Activity {
  seq: number;
}

const tokensPerAccount = 2;

/** An admin's calls; whoever calls this has authorised the actor for the account. */
export function createAdminPort(store: Store, actor: Actor, of: string): SqliteAdminPort {
  const { database, turn, notifications, clock, wake } = store;
  const account = parse(accountId, of, "account");
  if (typeof actor.id !== "string" || actor.id === "")
    throw new InvalidInputError({ field: "actor", problem: "must be { id }, the id of a person or program" });

  function requireAccount(): void {
    if (database.get("SELECT 1 FROM accounts WHERE id = ?", account) === undefined)
      throw new NotFoundError({ what: "account", id: account });
  }

  function requireOpenAccount(): void {
    if (database.get("SELECT 1 FROM accounts WHERE id = ? AND closed_at IS NULL", account) === undefined)
      throw new NotFoundError({ what: "account", id: account });
  }

  function recordActivity(type: string, subject: string): void {
    insertActivity(database, account, { type, actor: actor.id, subject, at: clock.now() });
  }

  function providerKeys(): ProviderKeys {
    if (store.providerKeys === null) throw new VaultMissingError();
    return store.providerKeys;
  }

  const direct = (wanted: { kind: Directive["kind"]; target: string | null }): Promise<void> =>
    turn.write((afterCommit) => {
      requireOpenAccount();
      addDirective(store, account, actor.id, wanted);
      afterCommit(() => wake.wake(account));
    });

  const notificationsIn = (state: NotificationState | null, request: DeliveryPageRequest) =>
    turn.read(() =>
      newestFirst(
        request,
        (before, limit) =>
          notifications.page(account, { state, agent: request.agent ?? null, before, limit }),
        (stored) => stored.notification,
      ),
    );

  return {
    ...createProvisionAdmin(store, account, actor),

    notifications: (request = {}) => notificationsIn(request.state ?? null, request),

    deadLetters: (request = {}) => notificationsIn("dead", request),

    redrive: (id) =>
      turn.write((afterCommit) => {
        const stored = notifications.record(account, id);
        if (stored === undefined) throw new NotFoundError({ what: "notification", id });
        const position = notifications.nextPosition(stored.sessionKeyId);
        notifications.apply(stored, { type: "redriven", position }, clock.now());
        recordActivity("notification_redriven", id);
        afterCommit(() => wake.wake(account));
      }),

    messages: (request = {}) =>
      turn.read(() =>
        newestFirst(
          request,
          (before, limit) =>
            database.all<MessageRow>(
              "SELECT * FROM messages WHERE account = ? AND seq < ? ORDER BY seq DESC LIMIT ?",
              account,
              before,
              limit,
            ),
          messageFromRow,
        ),
      ),

    issueServiceToken: () =>
      turn.write(() => {
        requireOpenAccount();
        const { good } = database.get<{ good: number }>(
          "SELECT count(*) AS good FROM service_tokens WHERE account = ? AND revoked_at IS NULL",
          account,
        )!;
        if (good >= tokensPerAccount) throw new TooManyTokensError();
        const id = `stk_${crypto.randomUUID()}`;
        const token = newServiceToken();
        database.run(
          "INSERT INTO service_tokens (id, account, hash, created_at, created_by) VALUES (?, ?, ?, ?, ?)",
          id,
          account,
          hashServiceToken(token),
          clock.now(),
          actor.id,
        );
        recordActivity("service_token_issued", id);
        return { id, token };
      }),

    serviceTokens: () =>
      turn.read(() =>
        database.all(
          `SELECT id, created_at AS createdAt, created_by AS createdBy FROM service_tokens
           WHERE account = ? AND revoked_at IS NULL ORDER BY created_at`,
          account,
        ),
      ),

    revokeServiceToken: (id) =>
      turn.write(() => {
        const changed = database.run(
          "UPDATE service_tokens SET revoked_at = ? WHERE id = ? AND account = ? AND revoked_at IS NULL",
          clock.now(),
          id,
          account,
        );
        if (changed === 0) throw new NotFoundError({ what: "service token", id });
        recordActivity("service_token_revoked", id);
      }),

    upsertProviderKey: async ({ provider, key }) =>
      await providerKeys().upsert({ account, provider, key, actor }),

    removeProviderKey: async (provider) => await providerKeys().remove({ account, provider, actor }),

    listProviderKeys: async () => await providerKeys().list(account),

    runtime: () =>
      turn.read(() => {
        requireAccount();
        return runtimeInfo(
          reportsOf(database, account),
          dropletFinding(store.provisions.find(account), clock.now()),
          clock.now(),
        );
      }),
    restartRuntime: () => direct({ kind: "restart", target: null }),
    drainRuntime: () => direct({ kind: "drain", target: null }),
    resyncRuntime: () => direct({ kind: "resync", target: null }),
    upgradeRuntime: async (target) =>
      await direct({ kind: "upgrade", target: parse(upgradeTarget, target, "target") }),

    activities: (request = {}) =>
      turn.read(() =>
        newestFirst(
          request,
          (before, limit) =>
            database.all<ActivityRow>(
              "SELECT * FROM activities WHERE account = ? AND seq < ? ORDER BY seq DESC LIMIT ?",
              account,
              before,
              limit,
            ),
          ({ id, type, actor: by, subject, at }) => ({ id, type, actor: by, subject, at }),
        ),
      ),
  };
}

type DeliveryPageRequest = NonNullable<Parameters<DeliveryAdmin["notifications"]>[0]> & PageRequest;

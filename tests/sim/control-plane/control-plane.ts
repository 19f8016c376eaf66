import {
  NotFoundError,
  Secret,
  TooManyTokensError,
  type BackoffOptions,
  type Clock,
  type DeliveryAdmin,
  type Page,
  type PlatformPort,
  type RuntimePort,
  type ServiceTokenAdmin,
} from "@lobstercontrol/core";
import { createPlatformPort } from "./platform.ts";
import { createRuntimePort } from "./runtime.ts";
import { apply, createTables, type Account, type Tables } from "./tables.ts";

export interface ControlPlaneOptions {
  clock: Pick<Clock, "now">;
  random: () => number;
  maxAttempts: number;
  backoff: BackoffOptions;
}

/** A control plane in memory, with nothing hidden: the simulation looks into its tables after each step. */
export interface MemoryControlPlane {
  tables: Tables;
  platform: PlatformPort;
  admin(actor: { id: string }, account: string): DeliveryAdmin & ServiceTokenAdmin;
  runtime(serviceToken: Secret): RuntimePort;
  close(): void;
}

export function createMemoryControlPlane(options: ControlPlaneOptions): MemoryControlPlane {
  const tables = createTables();
  return {
    tables,
    platform: createPlatformPort(tables, options),
    admin: (actor, account) => createAdminPort(tables, options, actor, account),
    runtime: (token) => createRuntimePort(tables, options, token.reveal()),
    close() {},
  };
}

function createAdminPort(
  tables: Tables,
  { clock }: ControlPlaneOptions,
  actor: { id: string },
  of: string,
): DeliveryAdmin & ServiceTokenAdmin {
  const requireAccount = (): Account => {
    const found = tables.accounts.get(of);
    if (found === undefined) throw new NotFoundError({ what: "account", id: of });
    return found;
  };
  const newestFirst = <T extends { account: string }>(rows: Iterable<T>): T[] =>
    [...rows].filter(({ account }) => account === of).toReversed();
  const whole = <T>(items: T[]): Page<T> => ({ items, next: null });

  return {
    notifications: async ({ state, agent } = {}) =>
      whole(
        newestFirst(tables.notifications.values()).filter(
          (each) =>
            (state === undefined || each.state === state) && (agent === undefined || each.agent === agent),
        ),
      ),
    deadLetters: async () =>
      whole(newestFirst(tables.notifications.values()).filter(({ state }) => state === "dead")),
    messages: async () => whole(newestFirst(tables.messages)),

    async redrive(id) {
      const account = requireAccount();
      if (tables.notifications.get(id)?.account !== account.id)
        throw new NotFoundError({ what: "notification", id });
      const position = ++tables.queueOf.get(id)!.lastPosition;
      apply(tables, id, { type: "redriven", position }, clock.now());
      for (const onWork of account.watchers) onWork();
    },

    async issueServiceToken() {
      const { tokens } = requireAccount();
      if (tokens.size >= 2) throw new TooManyTokensError();
      const id = `stk_${crypto.randomUUID()}`;
      const token = new Secret(`lcs_${crypto.randomUUID()}`);
      tokens.set(token.reveal(), { id, createdAt: clock.now(), createdBy: actor.id });
      return { id, token };
    },
    serviceTokens: async () => [...requireAccount().tokens.values()],
    async revokeServiceToken(id) {
      const { tokens } = requireAccount();
      for (const [token, { id: each }] of tokens) if (each === id) return void tokens.delete(token);
      throw new NotFoundError({ what: "service token", id });
    },
  };
}

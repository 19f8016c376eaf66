import type { AdminPort, Message, Notification, Page, PlatformPort, RuntimePort } from "@lobstercontrol/core";
import { Secret } from "@lobstercontrol/core";
import type { RuntimePortSubject } from "@lobstercontrol/core/testing";
import { reviving } from "../src/convex-error.ts";
import type { Caller } from "../src/runtime/port-over.ts";
import { api, internal } from "./app/convex/_generated/api.js";

/** Who calls the functions of the test app. */
export interface AppCallers {
  /** Whoever may call internal functions: convex-test itself, or the admin key of a deployment. */
  operator: Caller<"public" | "internal">;
  /** Somebody who has signed in. */
  user(id: string): Caller;
  /** A runtime. */
  runtime(serviceToken: Secret): RuntimePort;
  /** Ends it. */
  close(): Promise<void> | void;
}

/** The test app as the suites of core know a control plane. */
export function subjectOver(callers: AppCallers): RuntimePortSubject<AdminPort> {
  return {
    platform: platformOver(callers.operator),
    admin: (actor, account) => adminOver(callers.user(actor.id), account),
    runtime: (token) => callers.runtime(token),
    close: () => callers.close(),
  };
}

function platformOver({ query, mutation }: AppCallers["operator"]): PlatformPort {
  const { platform } = internal;
  return {
    async upsertAccount(input) {
      await reviving(() => mutation(platform.upsertAccount, input));
    },
    async closeAccount(account) {
      await reviving(() => mutation(platform.closeAccount, { account }));
    },
    async upsertAgent(input) {
      await reviving(() => mutation(platform.upsertAgent, defined(input)));
    },
    async removeAgent(input) {
      await reviving(() => mutation(platform.removeAgent, input));
    },
    notify: async (input) =>
      (await reviving(() => mutation(platform.notify, defined(input)))) as Notification["id"],
    messages: (page = {}) => reviving(() => query(platform.messages, page)),
  };
}

/** An admin's calls over the functions that `adminApi` made. */
function adminOver({ query, mutation, action }: Caller, account: string): AdminPort {
  const { admin } = api.lobster;
  return {
    notifications: (request = {}): Promise<Page<Notification>> =>
      reviving(() => query(admin.notifications, { account, ...request })),
    deadLetters: (request = {}): Promise<Page<Notification>> =>
      reviving(() => query(admin.deadLetters, { account, ...request })),
    async redrive(notification) {
      await reviving(() => mutation(admin.redrive, { account, notification }));
    },
    messages: (request = {}): Promise<Page<Message>> =>
      reviving(() => query(admin.messages, { account, ...request })),
    async issueServiceToken() {
      const { id, token } = await reviving(() => action(admin.issueServiceToken, { account }));
      return { id, token: new Secret(token) };
    },
    serviceTokens: () => reviving(() => query(admin.serviceTokens, { account })),
    async revokeServiceToken(id) {
      await reviving(() => mutation(admin.revokeServiceToken, { account, id }));
    },
    activities: (request = {}) => reviving(() => query(admin.activities, { account, ...request })),
    upsertProviderKey: ({ provider, key }) =>
      reviving(() => action(admin.upsertProviderKey, { account, provider, key: key.reveal() })),
    async removeProviderKey(provider) {
      await reviving(() => action(admin.removeProviderKey, { account, provider }));
    },
    listProviderKeys: () => reviving(() => query(admin.listProviderKeys, { account })),
    runtime: () => reviving(() => query(admin.runtime, { account })),
    async provisionRuntime(spec) {
      await reviving(() => action(admin.provisionRuntime, { account, spec: spec as never }));
    },
    async retryProvision() {
      await reviving(() => action(admin.retryProvision, { account }));
    },
    async destroyRuntime() {
      await reviving(() => action(admin.destroyRuntime, { account }));
    },
    async restartRuntime() {
      await reviving(() => mutation(admin.restartRuntime, { account }));
    },
    async drainRuntime() {
      await reviving(() => mutation(admin.drainRuntime, { account }));
    },
    async resyncRuntime() {
      await reviving(() => mutation(admin.resyncRuntime, { account }));
    },
    async upgradeRuntime(target) {
      await reviving(() => mutation(admin.upgradeRuntime, { account, target }));
    },
  };
}

/** Without the fields that are there and undefined: Convex's values have none. */
function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Defined<T>;
}
type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

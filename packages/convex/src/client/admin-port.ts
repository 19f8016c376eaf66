import type {
  Activity,
  Actor,
  AdminPort,
  Message,
  Notification,
  Page,
  Provisioner,
  RuntimeInfo,
  Secret,
} from "@lobstercontrol/core";
import { reviving } from "../convex-error.ts";
import { hashServiceToken, newServiceToken, newServiceTokenId } from "./service-token.ts";
import type { LobsterControlComponent, RunsActions } from "./types.ts";

/** An admin's calls, in an action; whoever calls this has authorised the actor for the account. */
export function createAdminPort(
  component: LobsterControlComponent,
  ctx: RunsActions,
  { id: actor }: Actor,
  account: string,
  provisioner: () => Provisioner,
): AdminPort {
  const { admin, secrets } = component;
  const direct = async (kind: "restart" | "drain" | "resync" | "upgrade", target: string | null) => {
    await reviving(() => ctx.runMutation(admin.direct, { account, actor, kind, target }));
  };

  return {
    notifications: async (request = {}) =>
      (await reviving(() =>
        ctx.runQuery(admin.notifications, { account, ...request }),
      )) as Page<Notification>,
    deadLetters: async (request = {}) =>
      (await reviving(() =>
        ctx.runQuery(admin.notifications, { account, ...request, state: "dead" }),
      )) as Page<Notification>,
    async redrive(notification) {
      await reviving(() => ctx.runMutation(admin.redrive, { account, actor, notification }));
    },
    messages: async (request = {}) =>
      (await reviving(() => ctx.runQuery(admin.messages, { account, ...request }))) as Page<Message>,
    issueServiceToken: () => issueServiceToken(component, ctx, { account, actor }),
    serviceTokens: () => reviving(() => ctx.runQuery(admin.serviceTokens, { account })),
    async revokeServiceToken(id) {
      await reviving(() => ctx.runMutation(admin.revokeServiceToken, { account, actor, id }));
    },
    activities: async (request = {}): Promise<Page<Activity>> =>
      await reviving(() => ctx.runQuery(admin.activities, { account, ...request })),
    upsertProviderKey: ({ provider, key }) =>
      reviving(() =>
        ctx.runAction(secrets.upsertProviderKey, { account, actor, provider, key: key.reveal() }),
      ),
    async removeProviderKey(provider) {
      await reviving(() => ctx.runAction(secrets.removeProviderKey, { account, actor, provider }));
    },
    listProviderKeys: () => reviving(() => ctx.runQuery(secrets.listProviderKeys, { account })),
    runtime: async (): Promise<RuntimeInfo> => await reviving(() => ctx.runQuery(admin.runtime, { account })),
    provisionRuntime: async (spec) => await provisioner().provision(account, spec, { id: actor }),
    retryProvision: async () => await provisioner().retry(account, { id: actor }),
    destroyRuntime: async () => await provisioner().destroy(account, { id: actor }),
    restartRuntime: () => direct("restart", null),
    drainRuntime: () => direct("drain", null),
    resyncRuntime: () => direct("resync", null),
    upgradeRuntime: (target) => direct("upgrade", target),
  };
}

/** Makes a token in the action, and stores what may be stored of it. */
export async function issueServiceToken(
  component: LobsterControlComponent,
  ctx: RunsActions,
  { account, actor }: { account: string; actor: string },
): Promise<{ id: string; token: Secret }> {
  const id = newServiceTokenId();
  const token = newServiceToken();
  const hash = await hashServiceToken(token.reveal());
  await reviving(() => ctx.runMutation(component.admin.issueServiceToken, { account, actor, id, hash }));
  return { id, token };
}

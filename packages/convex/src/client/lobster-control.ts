import {
  ProvisioningDisabledError,
  type AccountInput,
  type Actor,
  type AdminPort,
  type AgentInput,
  type MessagePage,
  type NotificationId,
  type NotificationInput,
  type Provisioner,
  type ProvisionStore,
} from "@lobstercontrol/core";
import type { GenericDataModel, HttpRouter } from "convex/server";
import { reviving } from "../convex-error.ts";
import { createAdminApi, type AdminApiOptions } from "./admin-api.ts";
import { createAdminPort } from "./admin-port.ts";
import { createBootstrapApi } from "./bootstrap-api.ts";
import { readFleet, type FleetEntry } from "./fleet.ts";
import { addHttpRoutes, type HttpRoutesOptions } from "./http.ts";
import { createProvisionStore } from "./provision-store.ts";
import { createRuntimeApi, type RuntimeApiOptions } from "./runtime-api.ts";
import { settingsOf, type LobsterControlOptions, type Settings } from "./settings.ts";
import type { LobsterControlComponent, RunsActions, RunsMutations, RunsQueries } from "./types.ts";

/**
 * The control plane in an app: the platform's calls, which take the context of the function that makes them first, and the
 * functions that the app exports for admins and for runtimes. A call in a mutation is a part of it: what the mutation undoes,
 * it undoes too.
 *
 * @example
 * ```ts
 * import { LobsterControl, type LobsterControlComponent } from "@lobstercontrol/convex";
 * import { mutationGeneric } from "convex/server";
 * import { v } from "convex/values";
 *
 * declare const components: { lobsterControl: LobsterControlComponent };
 * const lobsterControl = new LobsterControl(components.lobsterControl);
 *
 * export const ask = mutationGeneric({
 *   args: { thread: v.string(), text: v.string() },
 *   handler: async (ctx, { thread, text }) => {
 *     await lobsterControl.notify(ctx, {
 *       account: "acme",
 *       agent: "writer",
 *       thread,
 *       input: text,
 *       idempotencyKey: `ask:${thread}:${text}`,
 *     });
 *   },
 * });
 * ```
 */
export class LobsterControl {
  readonly #component: LobsterControlComponent;
  readonly #settings: Settings;

  /**
   * @param component `components.lobsterControl` of the app
   * @param options how it is set up
   * @throws {InvalidInputError} `ERR_INVALID_INPUT` when an option is not usable
   */
  constructor(component: LobsterControlComponent, options: LobsterControlOptions = {}) {
    this.#component = component;
    this.#settings = settingsOf(options);
  }

  /** See `PlatformPort.upsertAccount` of core, as for all that follow. */
  async upsertAccount(ctx: RunsMutations, { account }: AccountInput): Promise<void> {
    await reviving(() => ctx.runMutation(this.#component.platform.upsertAccount, { account }));
  }

  /** Closes an account: its service tokens stop working, and `notify` is refused. What it stored stays. */
  async closeAccount(ctx: RunsMutations, account: string): Promise<void> {
    await reviving(() => ctx.runMutation(this.#component.platform.closeAccount, { account }));
  }

  /**
   * Registers an agent or replaces what is known of it.
   *
   * @throws {NotFoundError} `ERR_NOT_FOUND` when there is no such account, or it is closed
   * @throws {TooLargeError} `ERR_TOO_LARGE` when its files are over 512 KiB, or those of all agents over 6 MiB
   */
  async upsertAgent(ctx: RunsMutations, { files, ...agent }: AgentInput): Promise<void> {
    const list = Object.entries(files ?? {}).map(([name, text]) => ({ name, text }));
    await reviving(() =>
      ctx.runMutation(this.#component.platform.upsertAgent, {
        account: agent.account,
        agent: agent.agent,
        files: list,
        ...(agent.ref === undefined ? {} : { ref: agent.ref }),
        ...(agent.heartbeatEveryMs === undefined ? {} : { heartbeatEveryMs: agent.heartbeatEveryMs }),
      }),
    );
  }

  /** Takes an agent off the roster. What is stored for it is still delivered; new notifications are refused. */
  async removeAgent(
    ctx: RunsMutations,
    { account, agent }: { account: string; agent: string },
  ): Promise<void> {
    await reviving(() => ctx.runMutation(this.#component.platform.removeAgent, { account, agent }));
  }

  /**
   * Stores that an agent must be told something. The same idempotency key again is the same notification.
   *
   * @throws {NotFoundError} `ERR_NOT_FOUND` when there is no such account or agent
   * @throws {IdempotencyConflictError} `ERR_IDEMPOTENCY_CONFLICT` when the key belongs to other content
   * @throws {TooLargeError} `ERR_TOO_LARGE` when the input or the instructions are over `limits` of core
   */
  async notify(ctx: RunsMutations, input: NotificationInput): Promise<NotificationId> {
    const { maxAttempts } = this.#settings;
    const { account, agent, thread, input: text, instructions, idempotencyKey } = input;
    const id = await reviving(() =>
      ctx.runMutation(this.#component.platform.notify, {
        account,
        agent,
        thread,
        input: text,
        idempotencyKey,
        maxAttempts,
        ...(instructions === undefined ? {} : { instructions }),
      }),
    );
    return id as NotificationId;
  }

  /**
   * The messages of all accounts after a cursor, at least once each, those of one account in the order in which they were posted.
   * An app that has `onMessage` needs it not.
   */
  async messages(ctx: RunsQueries, page: { after?: string; limit?: number } = {}): Promise<MessagePage> {
    return (await reviving(() => ctx.runQuery(this.#component.platform.messages, page))) as MessagePage;
  }

  /** The calls of an admin, in an action. Authorise the actor for the account before. */
  admin(ctx: RunsActions, actor: Actor, account: string): AdminPort {
    return createAdminPort(this.#component, ctx, actor, account, () => this.provisioner(ctx));
  }

  /** Every open account's runtime, worst first. In an action, when there are more than a few hundred. */
  async fleet(ctx: RunsQueries): Promise<FleetEntry[]> {
    return await readFleet(this.#component, ctx);
  }

  /**
   * What is known of the accounts' droplets, for what drives `reconcile`; `allRecords` of core reads all of it.
   */
  provisionStore(ctx: RunsMutations): ProvisionStore {
    return createProvisionStore(this.#component, ctx);
  }

  /**
   * The provisioner that the options make, in an action: `reconcile` does one bounded step and says when to call again, whoever calls
   * and however often.
   *
   * @throws {ProvisioningDisabledError} `ERR_PROVISIONING_DISABLED` when the options have none
   */
  provisioner(ctx: RunsMutations): Provisioner {
    if (this.#settings.provisioner === null) throw new ProvisioningDisabledError();
    return this.#settings.provisioner(this.provisionStore(ctx), ctx);
  }

  /**
   * Deletes a part of what is older: delivered and dead notifications, messages and activities. Call it from a cron, again while it
   * answers true. An idempotency key that was deleted is taken for a new cause.
   *
   * @param options `days`: at least 7
   */
  async forget(ctx: RunsMutations, { days }: { days: number }): Promise<boolean> {
    return await reviving(() => ctx.runMutation(this.#component.upkeep.forget, { days }));
  }

  /**
   * Brings a part of what an older version of this package has stored to what this version expects. Call it after an update, again
   * while it answers true; everything works meanwhile.
   */
  async upgrade(ctx: RunsMutations): Promise<boolean> {
    return await reviving(() => ctx.runMutation(this.#component.upgrade.step, {}));
  }

  /**
   * Brings some provider keys of all accounts under the active master key. Call it again with its cursor until it is done; stop it
   * anywhere, and all that is stored still opens.
   */
  async rewrapProviderKeys(
    ctx: RunsActions,
    { actor, cursor = null, limit = 100 }: { actor: Actor; cursor?: string | null; limit?: number },
  ): Promise<{ cursor: string | null; rewrapped: number; rejected: number; done: boolean }> {
    return await reviving(() =>
      ctx.runAction(this.#component.secrets.rewrapProviderKeys, { actor: actor.id, cursor, limit }),
    );
  }

  /**
   * The functions that runtimes call: export them from a module of their own, `convex/lobster/runtime.ts`.
   *
   * @param options what the app has to say to what runtimes do
   */
  runtimeApi<DataModel extends GenericDataModel = GenericDataModel>(
    options: RuntimeApiOptions<DataModel> = {},
  ) {
    return createRuntimeApi<DataModel>(this.#component, this.#settings, options);
  }

  /** The functions that droplets call on their first boot: export them from `convex/lobster/bootstrap.ts`. */
  bootstrapApi() {
    return createBootstrapApi(this.#component);
  }

  /**
   * The functions that admins call: export them from a module of their own, `convex/lobster/admin.ts`.
   *
   * @param options `authorize` says who calls, or throws
   */
  adminApi(options: AdminApiOptions) {
    return createAdminApi(this.#component, options, (ctx) => this.provisioner(ctx));
  }

  /** Adds the paths of the HTTP binding to the app's router, for runtimes and admins that speak HTTP and not Convex. */
  httpRoutes(http: HttpRouter, options: HttpRoutesOptions): void {
    addHttpRoutes(this.#component, http, options, (ctx) => this.provisioner(ctx));
  }
}

import {
  accountId,
  dropletSpec,
  parse,
  provisionStatus,
  provisionTransition,
  ProvisioningDisabledError,
  scrubbedLogger,
  silentLogger,
  systemClock,
  updateRecord,
  type AccountId,
  type BackoffOptions,
  type Clock,
  type DropletApi,
  type Logger,
  type ProvisionEvent,
  type Provisioner,
  type ProvisionStore,
  type ProvisionTiming,
} from "@lobstercontrol/core";
import { estimate, plan, readSpec } from "./plan.ts";
import { newNonce, placeholderToken } from "./random-bits.ts";
import { reconcile } from "./reconcile.ts";
import type { RenderUserData, Settings } from "./settings.ts";
import { removeStrays, sweep } from "./sweep.ts";
import { createTags } from "./tags.ts";

/** How a provisioner is made. */
export interface ProvisionerOptions {
  /** DigitalOcean, such as `createDotsApi({ token })`. */
  api: DropletApi;
  /** Where the records are, such as the control plane's `provisionStore`. */
  store: ProvisionStore;
  /** Renders what a droplet does on its first boot. */
  userData: RenderUserData;
  /**
   * Whether accounts may have droplets made: all by default. A function is asked with each request and again before a droplet is
   * created. What there is can be destroyed all the same.
   */
  enabled?: boolean | ((account: AccountId) => boolean | Promise<boolean>);
  /** Begins the tags and names at DigitalOcean, so that platforms that share an account there stay apart: `lobster` by default. */
  namespace?: string;
  /** How patient to be. By default 10 minutes to create, 15 to boot, 90 s to settle; looks every 10 s, 30 s and hour. */
  timing?: Partial<ProvisionTiming>;
  /** The waits after calls that went wrong: full jitter up to 2 s, 4 s, 8 s …, at most 5 minutes by default. */
  backoff?: BackoffOptions;
  /** Whose time: the control plane's. */
  clock?: Clock;
  /** Gives a number in [0, 1). */
  random?: () => number;
  /** Where warnings go. */
  logger?: Logger;
}

const minuteMs = 60_000;
const usualTiming: ProvisionTiming = {
  createMs: 10 * minuteMs,
  bootMs: 15 * minuteMs,
  settleMs: 90_000,
  pollMs: 10_000,
  waitMs: 30_000,
  steadyMs: 60 * minuteMs,
};

/**
 * Makes what gives each account its one droplet (promise 10). It keeps nothing in memory: any number of them may work on the
 * same store.
 *
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` when the namespace is none
 *
 * @example
 * ```ts
 * import { createProvisioner } from "@lobstercontrol/provisioner";
 * import type { DropletApi, ProvisionStore } from "@lobstercontrol/core";
 *
 * declare const api: DropletApi;
 * declare const store: ProvisionStore;
 * declare function userData(input: { bootstrapToken: { reveal(): string } }): string;
 *
 * const provisioner = createProvisioner({ api, store, userData });
 * await provisioner.provision("acme", { region: "fra1" }, { id: "user-1" });
 * const { state, nextInMs } = await provisioner.reconcile("acme");
 * console.log(state, nextInMs); // "provisioning" 10000
 * ```
 */
export function createProvisioner(options: ProvisionerOptions): Provisioner {
  const { clock = systemClock, enabled = true, store } = options;
  const settings: Settings = {
    api: options.api,
    store,
    userData: options.userData,
    isEnabled: typeof enabled === "function" ? enabled : () => enabled,
    tags: createTags(options.namespace ?? "lobster"),
    timing: { ...usualTiming, ...options.timing },
    backoff: options.backoff ?? { baseMs: 2_000, capMs: 5 * minuteMs },
    clock,
    random: options.random ?? Math.random,
    logger: scrubbedLogger(options.logger ?? silentLogger),
  };

  async function ask(account: AccountId, event: ProvisionEvent): Promise<void> {
    await updateRecord(
      store,
      () => store.read(account),
      (record) => provisionTransition(record, event, clock.now()),
    );
  }

  async function requireEnabled(account: AccountId): Promise<void> {
    if (!(await settings.isEnabled(account))) throw new ProvisioningDisabledError();
  }

  const readAccount = (of: string): AccountId => parse(accountId, of, "account");

  return {
    async provision(of, input, actor) {
      const account = readAccount(of);
      const spec = readSpec(settings, input);
      await requireEnabled(account);
      // What cannot be rendered is refused now, and not when the droplet is due.
      settings.userData({ account, bootstrapToken: placeholderToken, spec, memoryMib: null });
      const createBy = clock.now() + settings.timing.createMs;
      await ask(account, { type: "requested", account, spec, actor: actor.id, nonce: newNonce(), createBy });
    },
    async retry(of, actor) {
      const account = readAccount(of);
      await requireEnabled(account);
      const createBy = clock.now() + settings.timing.createMs;
      await ask(account, { type: "retried", actor: actor.id, nonce: newNonce(), createBy });
    },
    async destroy(of, actor) {
      const account = readAccount(of);
      if ((await store.read(account)) !== null)
        await ask(account, { type: "destroyRequested", actor: actor.id });
    },
    status: async (of) => provisionStatus(await store.read(readAccount(of)), clock.now()),
    reconcile: async (of) => await reconcile(settings, readAccount(of)),
    plan: async (of, input) => await plan(settings, readAccount(of), readSpec(settings, input)),
    estimate: async (input) => await estimate(settings, parse(dropletSpec, input, "spec")),
    sweep: () => sweep(settings),
    removeStrays: (ids) => removeStrays(settings, ids),
  };
}

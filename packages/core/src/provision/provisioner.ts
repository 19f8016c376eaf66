import type { CreateDroplet, Droplet, DropletSize, FirewallRules } from "../droplet/droplet-api.ts";
import type { AccountId } from "../ids.ts";
import type { Actor } from "../ports/admin.ts";
import type { ProvisionState } from "./record.ts";
import type { DropletSpecInput } from "./spec.ts";
import type { ProvisionStatus } from "./status.ts";

/** Gives accounts their droplets. Every call may be made at any time, by several at once, and again after a crash. */
export interface Provisioner {
  /**
   * Asks for a droplet. Nothing is created yet: `reconcile` does that.
   *
   * @throws `ERR_PROVISIONING_DISABLED`
   * @throws `ERR_PROVISION_STATE` when there is one of another spec, or one that is being destroyed
   * @throws `ERR_INVALID_INPUT` when the spec is none
   */
  provision(account: string, spec: DropletSpecInput, actor: Actor): Promise<void>;
  /**
   * Asks again, after a failure, with the same spec.
   *
   * @throws `ERR_PROVISIONING_DISABLED`
   * @throws `ERR_PROVISION_STATE` when nothing has failed
   */
  retry(account: string, actor: Actor): Promise<void>;
  /** Asks for the droplet's end. Nothing is deleted yet: `reconcile` does that. None at all is fine, too. */
  destroy(account: string, actor: Actor): Promise<void>;
  /** Where the account's droplet is in its life, without asking DigitalOcean. */
  status(account: string): Promise<ProvisionStatus>;
  /**
   * Does one bounded step towards what is wanted (promise 10). It never waits: `nextInMs` says when to call again. What
   * DigitalOcean does not do is noted in the record, and tried again; only a store that fails makes this throw.
   */
  reconcile(account: string): Promise<ReconcileResult>;
  /**
   * What `provision` would come to, without asking for it or spending anything.
   *
   * @param account whose droplet
   * @param spec as for `provision`
   */
  plan(account: string, spec: DropletSpecInput): Promise<ProvisionPlan>;
  /**
   * What a droplet of a spec costs, by DigitalOcean's own price list.
   *
   * @throws `ERR_INVALID_INPUT` when no size suits
   */
  estimate(spec: DropletSpecInput): Promise<ProvisionEstimate>;
  /** Compares all droplets with all records. Changes nothing. */
  sweep(): Promise<SweepReport>;
  /**
   * Deletes strays that a sweep has reported. Each is looked at again: only one that is owned and that no record keeps is
   * deleted.
   *
   * @param droplets their ids
   */
  removeStrays(droplets: readonly number[]): Promise<{ removed: number[]; refused: number[] }>;
}

/** What a step came to. */
export interface ReconcileResult {
  /** Where the droplet is in its life by now. */
  state: ProvisionState | "absent";
  /** When to call again; null when nothing is left to do. */
  nextInMs: number | null;
}

/** What would be done. */
export interface ProvisionPlan {
  /** Where the account's droplet is in its life. */
  state: ProvisionState | "absent";
  /** What would be done, in order, for people. */
  steps: string[];
  /** The droplet that would be created, with a bootstrap token that opens nothing. */
  droplet: CreateDroplet;
  /** The firewall that would stand before it. */
  firewall: FirewallRules;
  /** What it would cost. */
  estimate: ProvisionEstimate;
}

/** What a droplet costs. */
export interface ProvisionEstimate {
  /** Where. */
  region: string;
  /** Which size. */
  size: DropletSize;
  /** In US dollars a month, without taxes, without what is in `excludes`, and at the most: DigitalOcean charges by the time. */
  monthlyUsd: number;
  /** What costs more and has no price in DigitalOcean's list: `backups`, `traffic` over what is included. */
  excludes: string[];
}

/** What a sweep has found. */
export interface SweepReport {
  /** Droplets that carry our tag and that no record keeps. */
  strays: StrayDroplet[];
  /** Accounts whose record keeps a droplet that is not there. */
  orphans: AccountId[];
}

/** A droplet that carries our tag and that no record keeps. */
export interface StrayDroplet {
  /** The droplet. */
  droplet: Droplet;
  /** Whose attempt created it; null when it carries no nonce of a recorded attempt: it is not ours to delete. */
  account: AccountId | null;
}

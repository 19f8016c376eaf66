import { z } from "zod";
import type { AgentSlug, NotificationId } from "../ids.ts";
import type { Message, Notification, NotificationState } from "../notification/types.ts";
import type { Secret } from "../secret.ts";
import type { DropletSpecInput } from "../provision/spec.ts";
import type { Condition, RuntimeStatus } from "./health.ts";

/** Who acts: the platform has authenticated and authorised them; the audit log keeps their id. */
export interface Actor {
  /** The platform's own id of the person or program. */
  id: string;
}

/** Which rows of a list. */
export interface PageRequest {
  /** The cursor of the page before; nothing for the beginning. */
  after?: string;
  /** 100 by default, at most `limits.page`. */
  limit?: number;
}

/** Some rows of a list. */
export interface Page<T> {
  /** The rows. */
  items: T[];
  /** For the next page; null after the last. */
  next: string | null;
}

/** What an admin may see and do about deliveries. */
export interface DeliveryAdmin {
  /** The notifications, newest first. */
  notifications(
    request?: PageRequest & { state?: NotificationState; agent?: AgentSlug },
  ): Promise<Page<Notification>>;
  /** The dead ones, newest first, with the error of their last attempt. */
  deadLetters(request?: PageRequest): Promise<Page<Notification>>;
  /**
   * Gives a dead notification new attempts, at the end of its session key (promise 4).
   *
   * @throws `ERR_NOT_FOUND` when the account has no such notification
   * @throws `ERR_WRONG_STATE` when it is not dead
   */
  redrive(notification: NotificationId): Promise<void>;
  /** The messages, newest first. */
  messages(request?: PageRequest): Promise<Page<Message>>;
}

/** A service token as an admin sees it. */
export interface ServiceToken {
  /** Names it; nothing secret. */
  id: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** Who issued it. */
  createdBy: string;
}

/** What an admin may do about the tokens of runtimes. */
export interface ServiceTokenAdmin {
  /**
   * Makes a token for a runtime. It is shown this once; only its SHA-256 is stored. Two may be good at once, so that one
   * can be replaced without a pause.
   *
   * @throws `ERR_TOO_MANY_TOKENS` when two are good already
   * @throws `ERR_NOT_FOUND` when there is no such account, or it is closed
   */
  issueServiceToken(): Promise<{ id: string; token: Secret }>;
  /** The good ones. */
  serviceTokens(): Promise<ServiceToken[]>;
  /**
   * Makes a token useless at once.
   *
   * @throws `ERR_NOT_FOUND` when the account has no such token
   */
  revokeServiceToken(id: string): Promise<void>;
}

/** One line of the account's audit log. */
export interface Activity {
  /** Names it. */
  id: string;
  /** What happened, such as `service_token_issued`. */
  type: string;
  /** Who did it. */
  actor: string;
  /** What it was done to, or null. */
  subject: string | null;
  /** Milliseconds since the epoch. */
  at: number;
}

/** The audit log of the account. */
export interface ActivityAdmin {
  /** Newest first. */
  activities(request?: PageRequest): Promise<Page<Activity>>;
}

/** A provider key as an admin sees it: never the key. */
export interface ProviderKeyInfo {
  /** Whose key it is, such as `anthropic`. */
  provider: string;
  /** Its last four characters; empty for a key of less than 16. */
  last4: string;
  /** The same for the same key under one master key, and of no use without the vault. */
  fingerprint: string;
  /** The keys generation in which it was stored. */
  generation: number;
  /** How far it has come (promise 9). */
  state: "stored" | "active" | "confirmed";
  /** Milliseconds since the epoch. */
  updatedAt: number;
  /** Who stored it. */
  updatedBy: string;
}

/** What an admin may do about provider keys. */
export interface ProviderKeyAdmin {
  /**
   * Stores a key, or replaces it.
   *
   * @throws `ERR_INVALID_INPUT` when it does not look like a key of that provider
   * @throws `ERR_NOT_FOUND` when there is no such account, or it is closed
   * @throws `ERR_VAULT_MISSING` when the control plane has no vault, as the other two calls do
   */
  upsertProviderKey(input: { provider: string; key: Secret }): Promise<ProviderKeyInfo>;
  /**
   * Forgets a key.
   *
   * @throws `ERR_NOT_FOUND` when the account has none of that provider
   */
  removeProviderKey(provider: string): Promise<void>;
  /** What is stored, without the keys. */
  listProviderKeys(): Promise<ProviderKeyInfo[]>;
}

/** A runtime as an admin sees it. */
export interface RuntimeInfo {
  /** Computed when read (promise 11). */
  status: RuntimeStatus;
  /** Why. */
  conditions: Condition[];
  /** The version that it last reported. */
  version: string | null;
  /** The version of its gateway that it last reported. */
  gatewayVersion: string | null;
  /** When it last reported, in milliseconds since the epoch. */
  lastSeenAt: number | null;
}

/** What can be asked for as another version: `1.4.2`, `latest`, an image reference or a digest. */
export const upgradeTarget = z
  .string()
  .regex(/^[A-Za-z0-9][\w.:@/+-]{0,255}$/, "must be a version, an image reference or a digest");

/** What an admin may do about the account's droplet. How it goes is told by `runtime()`. */
export interface ProvisionAdmin {
  /**
   * Asks for a droplet. The same spec again changes nothing.
   *
   * @throws `ERR_PROVISIONING_DISABLED` when there is no provisioner, or it is switched off, as with `retryProvision`
   * @throws `ERR_PROVISION_STATE` when there is a droplet of another spec, or one that is being destroyed
   * @throws `ERR_INVALID_INPUT` when the spec is none
   */
  provisionRuntime(spec: DropletSpecInput): Promise<void>;
  /**
   * Asks again after a failure, with the same spec.
   *
   * @throws `ERR_PROVISION_STATE` when nothing has failed
   */
  retryProvision(): Promise<void>;
  /** Asks for the droplet's end. None at all is fine, too. */
  destroyRuntime(): Promise<void>;
}

/** What an admin may see and do about the account's runtime. */
export interface RuntimeAdmin extends ProvisionAdmin {
  /** How it is. */
  runtime(): Promise<RuntimeInfo>;
  /**
   * Asks the gateway to restart once it is idle. Asking again before it did changes nothing, as with the next three.
   *
   * @throws `ERR_NOT_FOUND` when there is no such account, or it is closed, as the next three do
   */
  restartRuntime(): Promise<void>;
  /** Asks the runtime to take no more work until it is started anew. */
  drainRuntime(): Promise<void>;
  /** Asks the runtime to bring agents and provider keys to its gateway again, whatever it believes to be there. */
  resyncRuntime(): Promise<void>;
  /** Asks for another version, by its number or its image's digest. The last one that was asked for counts. */
  upgradeRuntime(target: string): Promise<void>;
}

/** What an authorised admin of one account may do. */
export interface AdminPort
  extends DeliveryAdmin, ServiceTokenAdmin, ActivityAdmin, ProviderKeyAdmin, RuntimeAdmin {}

/** Makes the admin port of one account for one admin, who has been authorised by then. */
export type AdminOf<Port> = (actor: Actor, account: string) => Port;

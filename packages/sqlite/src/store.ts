import type {
  BackoffOptions,
  Clock,
  ContextLimits,
  ContextRequest,
  Logger,
  Provisioner,
  ThreadContext,
} from "@lobstercontrol/core";
import type { ProviderKeys, SecretStore } from "@lobstercontrol/secrets";
import type { Database } from "./database.ts";
import type { Notifications } from "./notifications.ts";
import type { ProvisionRecords } from "./provision-records.ts";
import type { Turn } from "./turn.ts";
import type { Wake } from "./wake.ts";

/** What the ports share: one open file and how to use it. */
export interface Store {
  database: Database;
  turn: Turn;
  notifications: Notifications;
  wake: Wake;
  secrets: SecretStore;
  provisions: ProvisionRecords;
  /** Null without one. */
  provisioner: Provisioner | null;
  /** Null without a vault. */
  providerKeys: ProviderKeys | null;
  /** Null when the platform adds nothing. */
  context: ContextOf | null;
  contextLimits: ContextLimits;
  contextTimeoutMs: number;
  heartbeatInput: string;
  logger: Logger;
  clock: Clock;
  random: () => number;
  maxAttempts: number;
  backoff: BackoffOptions;
}

/** What the platform adds to a notification of a thread. */
export type ContextOf = (
  about: ContextRequest,
) => Promise<ThreadContext | null | undefined> | ThreadContext | null | undefined;

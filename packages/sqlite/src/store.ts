import type { BackoffOptions, Clock } from "@lobstercontrol/core";
import type { ProviderKeys, SecretStore } from "@lobstercontrol/secrets";
import type { Database } from "./database.ts";
import type { Notifications } from "./notifications.ts";
import type { Turn } from "./turn.ts";
import type { Wake } from "./wake.ts";

/** What the ports share: one open file and how to use it. */
export interface Store {
  database: Database;
  turn: Turn;
  notifications: Notifications;
  wake: Wake;
  secrets: SecretStore;
  /** Null without a vault. */
  providerKeys: ProviderKeys | null;
  clock: Clock;
  random: () => number;
  maxAttempts: number;
  backoff: BackoffOptions;
}

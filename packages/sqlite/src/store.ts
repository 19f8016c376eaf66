import type { BackoffOptions, Clock } from "@lobstercontrol/core";
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
  clock: Clock;
  random: () => number;
  maxAttempts: number;
  backoff: BackoffOptions;
}

import { LobsterControl } from "@lobstercontrol/convex";
import { components } from "../_generated/api.js";

/** With the settings that the suites of core count on. */
export const lobsterControl: LobsterControl = new LobsterControl(components.lobsterControl, {
  maxAttempts: 3,
  backoff: { baseMs: 1_000, capMs: 60_000 },
  random: () => 0.5,
});

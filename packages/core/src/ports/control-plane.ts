import type { Secret } from "../secret.ts";
import type { AdminOf, AdminPort } from "./admin.ts";
import type { BootstrapPort } from "./bootstrap.ts";
import type { OperatorPort } from "./operator.ts";
import type { PlatformPort } from "./platform.ts";
import type { RuntimePort } from "./runtime.ts";

/**
 * The shared brain. It hands out capabilities, and holding a port is the permission: code that gets a `RuntimePort`
 * cannot reach another account, whatever it does.
 */
export interface ControlPlane {
  /** For trusted server code of the embedding platform. */
  platform: PlatformPort;
  /** For an authorised admin of one account. */
  admin: AdminOf<AdminPort>;
  /** For a runtime. The token is checked by each call, so that revoking it works at once. */
  runtime(serviceToken: Secret): RuntimePort;
  /** For a droplet on its first boot. */
  bootstrap: BootstrapPort;
  /** For whoever runs the platform. */
  operator: OperatorPort;
}

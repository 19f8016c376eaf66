import type { BootstrapPort } from "../ports/bootstrap.ts";
import { bootstrapCalls } from "./bootstrap-calls.ts";
import { checkToken, connect, type ClientOptions } from "./connection.ts";

/**
 * The port of a droplet on its first boot, behind `createRuntimeHandler`. The bootstrap token goes into the header of each
 * call. When no answer comes, a call is sent again, three times in all.
 *
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` when the URL is neither `https` nor on loopback
 *
 * @example
 * ```ts
 * import { createBootstrapClient } from "@lobstercontrol/core/http";
 * import { Secret } from "@lobstercontrol/core";
 *
 * const bootstrap = createBootstrapClient({ url: "https://platform.example.com/lobster" });
 * const bootstrapToken = new Secret(process.env["BOOTSTRAP_TOKEN"] ?? "");
 * await bootstrap.phase({ bootstrapToken, phase: "docker", ok: true });
 * ```
 */
export function createBootstrapClient(options: ClientOptions): BootstrapPort {
  const { send } = connect(options);
  return {
    async exchange({ bootstrapToken, ...request }) {
      const token = checkToken("bootstrapToken", bootstrapToken);
      return await send("bootstrap/exchange", bootstrapCalls.exchange, request, token);
    },
    async phase({ bootstrapToken, ...request }) {
      const token = checkToken("bootstrapToken", bootstrapToken);
      return await send("bootstrap/phase", bootstrapCalls.phase, request, token);
    },
  };
}

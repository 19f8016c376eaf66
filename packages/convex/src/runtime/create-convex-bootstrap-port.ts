import type { AccountId, BootstrapPort } from "@lobstercontrol/core";
import { checkUrl } from "@lobstercontrol/core/http";
import { makeFunctionReference } from "convex/server";
import { reviving } from "../convex-error.ts";
import { createCaller, type CallerOptions } from "./quiet-client.ts";

/** How a droplet reaches its control plane on Convex. */
export interface ConvexBootstrapPortOptions extends CallerOptions {
  /** The URL of the deployment: `https://happy-animal-123.convex.cloud`. Plain `http` is for loopback alone. */
  url: string | URL;
  /** Where the app exports what `bootstrapApi` made: `lobster/bootstrap` by default, for `convex/lobster/bootstrap.ts`. */
  module?: string;
}

/**
 * What a droplet may do on its first boot, on Convex.
 *
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` when the URL is neither `https` nor on loopback
 *
 * @example
 * ```ts
 * import { createConvexBootstrapPort } from "@lobstercontrol/convex/runtime";
 * import { Secret } from "@lobstercontrol/core";
 *
 * const bootstrap = createConvexBootstrapPort({ url: process.env["CONVEX_URL"] ?? "" });
 * const bootstrapToken = new Secret(process.env["BOOTSTRAP_TOKEN"] ?? "");
 * await bootstrap.phase({ bootstrapToken, phase: "docker", ok: true });
 * ```
 */
export function createConvexBootstrapPort(options: ConvexBootstrapPortOptions): BootstrapPort {
  const { module = "lobster/bootstrap" } = options;
  const caller = createCaller(checkUrl(options.url), options);
  const exchange = makeFunctionReference<
    "action",
    { bootstrapToken: string; serviceTokenHash: string; dropletId?: number },
    { account: string }
  >(`${module}:exchange`);
  const phase = makeFunctionReference<
    "action",
    { bootstrapToken: string; phase: string; ok: boolean; stderrTail?: string },
    null
  >(`${module}:phase`);

  return {
    async exchange({ bootstrapToken, ...request }) {
      const args = { ...request, bootstrapToken: bootstrapToken.reveal() };
      const { account } = await reviving(() => caller.action(exchange, args));
      return { account: account as AccountId };
    },
    async phase({ bootstrapToken, ...request }) {
      const args = { ...request, bootstrapToken: bootstrapToken.reveal() };
      await reviving(() => caller.action(phase, args));
    },
  };
}

import type { CloudInitOptions } from "./cloud-init/cloud-init-options.ts";
import type { DropletImage } from "./cloud-init/images.ts";
import { renderCloudInit } from "./cloud-init/render-cloud-init.ts";
import type { RenderUserData } from "./settings.ts";

/** With this much memory a gateway needs no swap, in MiB. */
const plentyMib = 8_192;

/**
 * User-data as cloud-config, for `createProvisioner`: what is the same for every account is given once, the rest comes with
 * each droplet.
 *
 * @param common where the control plane is, and which images to run
 *
 * @example
 * ```ts
 * import { cloudInitUserData } from "@lobstercontrol/provisioner";
 *
 * export const userData = cloudInitUserData({
 *   controlPlaneUrl: "https://platform.example.com/lobster",
 *   gatewayImage: "registry.example.com/openclaw:2026.9.6",
 *   runtimeImage: "registry.example.com/lobster-runtime:1.0.0",
 * });
 * ```
 */
export function cloudInitUserData(
  common: Omit<CloudInitOptions, "account" | "bootstrapToken" | "image" | "hostname">,
): RenderUserData {
  return ({ account, bootstrapToken, spec, memoryMib }) =>
    renderCloudInit({
      ...(memoryMib !== null && memoryMib >= plentyMib ? { swapMib: 0 } : {}),
      ...common,
      account,
      bootstrapToken,
      // Whether it is one of these is checked where it is rendered.
      image: spec.image as DropletImage,
    });
}

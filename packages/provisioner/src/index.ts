/**
 * One DigitalOcean droplet for each account: what it is made from, and what keeps it exactly one. Web standards only.
 *
 * @packageDocumentation
 */
export type { CloudInitOptions } from "./cloud-init/cloud-init-options.ts";
export type { DockerSource, DropletImage } from "./cloud-init/images.ts";
export { cloudInitUserData } from "./cloud-init-user-data.ts";
export { renderCloudInit } from "./cloud-init/render-cloud-init.ts";
export { renderComposeEnv, type ComposeEnv } from "./compose/render-compose-env.ts";
export { renderCompose } from "./compose/render-compose.ts";
export { createProvisioner, type ProvisionerOptions } from "./create-provisioner.ts";
export { driveReconcile, type DriveReconcileOptions } from "./drive-reconcile.ts";
export type { RenderUserData, UserDataInput } from "./settings.ts";

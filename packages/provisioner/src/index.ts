/**
 * One DigitalOcean droplet for each account: reconcile, cloud-init, bootstrap. Web standards only.
 *
 * @packageDocumentation
 */
export { createProvisioner, type ProvisionerOptions } from "./create-provisioner.ts";
export { driveReconcile, type DriveReconcileOptions } from "./drive-reconcile.ts";
export { limitCalls, type CallLimits } from "./limit-calls.ts";
export type { RenderUserData, UserDataInput } from "./settings.ts";

/**
 * DigitalOcean's API by its official client, as the `DropletApi` that a provisioner needs.
 *
 * @packageDocumentation
 */
export { createDotsApi, type DotsApiOptions } from "./create-dots-api.ts";

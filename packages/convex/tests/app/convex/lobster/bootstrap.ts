import { lobsterControl } from "./control.ts";

/** What droplets call on their first boot, with their bootstrap tokens. */
export const { exchange, phase } = lobsterControl.bootstrapApi();

import { listAgents } from "./agents.ts";
import type { Call } from "./connection.ts";
import type { Device } from "./device-key.ts";
import { ControlNotPairedError } from "./errors.ts";
import type { Pairing } from "./types.ts";

/** See `GatewayControl.pair`. A sign-in is all it takes to ask; the call after it proves that the device has rights. */
export async function pair(call: Call, { id: deviceId }: Device): Promise<Pairing> {
  try {
    await listAgents(call);
    return { isPaired: true, deviceId, requestId: null };
  } catch (error) {
    if (!ControlNotPairedError.isInstance(error) || error.requestId === null) throw error;
    return { isPaired: false, deviceId, requestId: error.requestId };
  }
}

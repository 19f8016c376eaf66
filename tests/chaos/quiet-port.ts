import { freePort } from "../../examples/quickstart/gateway/port.ts";

/**
 * A free port of loopback below those that the system gives to whoever connects: it stays free while the process that is
 * to listen on it is dead.
 */
export async function quietPort(): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      return await freePort(20_000 + Math.floor(Math.random() * 12_000));
    } catch (error) {
      if (tries === 50) throw error;
    }
  }
}

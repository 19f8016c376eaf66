import { z } from "zod";
import type { Call } from "./connection.ts";

const list = z.object({ agents: z.array(z.object({ id: z.string() })) });

/** See `GatewayControl.agents`. */
export async function listAgents(call: Call): Promise<string[]> {
  const { agents } = await call("agents.list", {}, list);
  return agents.map(({ id }) => id).toSorted();
}

/** The mock gateway in a process of its own. Some runs are slow enough for a lease to run out meanwhile. */
import { existsSync } from "node:fs";
import { createMockGateway, listenMockGateway } from "@lobstercontrol/openclaw-client/testing";
import { agent, begin, inFolder, isPoison, leaseMs } from "../settings.ts";

const { folder, gateway } = begin();
const { runs, poison } = inFolder(folder);
const seen = new Set<string>();

/** One that is asked again is more often slow: then the one who asked first may still be there. */
function delayFor(input: string): number {
  const isSlow = Math.random() < (seen.has(input) ? 0.4 : 0.05);
  seen.add(input);
  return Math.random() * (isSlow ? leaseMs * 1.5 : 1_000);
}

await listenMockGateway(
  createMockGateway({
    token: gateway.token,
    agents: [agent],
    reply({ input }) {
      const run = crypto.randomUUID();
      runs.write({ run, input });
      if (isPoison(input) && existsSync(poison))
        return { fail: { status: 500, code: "api_error", message: "the test poisoned it" } };
      return { delayMs: delayFor(input), text: `${input}, by ${run}` };
    },
  }),
  { port: gateway.port },
);

import type { RuntimeOptions } from "@lobstercontrol/runtime";
import { ControlUnreachableError } from "@lobstercontrol/openclaw-client/control";
import { didRun } from "../../../packages/openclaw-client/src/control/did-run.ts";
import { markOf } from "../../../packages/openclaw-client/src/control/session-mark.ts";
import { viewSession } from "../../../packages/openclaw-client/src/control/session-view.ts";
import type { Connection } from "../../../packages/openclaw-client/src/control/connection.ts";
import type { Network } from "../network.ts";
import type { Process } from "../process.ts";
import type { Gateway } from "./gateway.ts";

type Control = NonNullable<RuntimeOptions["control"]>;

/** The real rule of what became of a run, fed by the simulated gateway, call by call. */
export function createControl(
  process: Process,
  gateway: Gateway,
  network: Network,
): Control & { close(): void } {
  const closing = new AbortController();
  const closed = new Promise<never>((_, reject) => {
    const fail = (): void => reject(new ControlUnreachableError({ reason: "closed" }));
    closing.signal.addEventListener("abort", fail, { once: true });
  });
  closed.catch(() => {});
  const connection: Connection = {
    async call(method, parameters, answer) {
      closing.signal.throwIfAborted();
      const asked = network.call(process, method, async () =>
        gateway.control(method, parameters as Record<string, unknown>),
      );
      return answer.parse(await Promise.race([asked, closed]));
    },
    closed: closing.signal,
    close: () => closing.abort(),
  };
  return {
    sessionMark: async (sessionKey) =>
      markOf(await process.waitFor(viewSession(connection.call, sessionKey, 1))),
    didRun: (parameters) => process.waitFor(didRun(connection, process.clock, parameters)),
    close: connection.close,
  };
}

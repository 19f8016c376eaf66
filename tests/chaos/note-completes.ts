import type { DeliveryPort } from "@lobstercontrol/core";
import type { Journal } from "./journal.ts";
import type { CompleteEntry } from "./settings.ts";

/** The same port, which notes each `complete` that was answered, with the lease that it came with. */
export function noteCompletes<Port extends DeliveryPort>(
  port: Port,
  completes: Journal<CompleteEntry>,
): Port {
  return {
    ...port,
    async complete(lease, outcome) {
      const answer = await port.complete(lease, outcome);
      completes.write({ notification: lease.notification, lease: lease.id, ...answer });
      return answer;
    },
  };
}

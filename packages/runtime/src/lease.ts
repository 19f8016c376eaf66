import { LeaseLostError, type Clock, type DeliveryPort, type LeaseProof } from "@lobstercontrol/core";

/**
 * Renews a lease at a third of its time, until it is stopped or lost. A renewal that fails otherwise is tried again at the
 * next third: the run goes on, because the control plane still takes its end unless somebody else has the lease by then.
 *
 * @param held the lease that is held now
 * @param onLost called once, when somebody else has the lease
 * @returns stops renewing
 */
export function keepLease(
  port: DeliveryPort,
  clock: Clock,
  leaseMs: number,
  held: () => LeaseProof,
  onRenewed: (since: number) => void,
  onLost: (error: LeaseLostError) => void,
): () => void {
  let stopped = false;
  let cancel: () => void;

  async function renew(): Promise<void> {
    const lease = held();
    const since = clock.now();
    try {
      await port.renew(lease, leaseMs);
      if (lease === held()) onRenewed(since);
    } catch (error) {
      if (!stopped && lease === held() && LeaseLostError.isInstance(error)) {
        stopped = true;
        onLost(error);
      }
    }
    if (!stopped) schedule();
  }
  const schedule = (): void => {
    cancel = clock.after(leaseMs / 3, () => void renew());
  };

  schedule();
  return () => {
    stopped = true;
    cancel();
  };
}

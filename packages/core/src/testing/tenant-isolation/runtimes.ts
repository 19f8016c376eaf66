import { describe, expect, it } from "vitest";
import { newLeaseId, newNotificationId } from "../../ids.ts";
import { LeaseLostError } from "../../notification/errors.ts";
import type { LeaseProof } from "../../ports/delivery.ts";
import type { RuntimePort } from "../../ports/runtime.ts";
import { reportOf } from "../report.ts";
import { failure, leaseMs, reply } from "../runtime-port/runtime-port-test.ts";
import { wordsOf, type TwoAccounts } from "./two-accounts.ts";

const writes: Record<string, (port: RuntimePort, lease: LeaseProof) => Promise<unknown>> = {
  begin: (port, lease) => port.begin(lease, { sessionMark: null }),
  renew: (port, lease) => port.renew(lease, leaseMs),
  complete: (port, lease) => port.complete(lease, reply("stolen")),
  fail: (port, lease) => port.fail(lease, failure()),
  release: (port, lease) => port.release(lease),
};

/** What a runtime of one account can do to another account. */
export function runtimes(two: TwoAccounts): void {
  const { t } = two;

  describe("a runtime", () => {
    it("is handed its own notifications alone, even in the name of the other account's runtime", async () => {
      await t.notify("t2", { account: two.other, input: "own too" });
      const error = await two.attempt(async () => {
        // The worker, start and claim of acme's lease, and then a later start, which would take it over.
        for (const incarnation of ["i1", "i2"]) {
          const claims = await t.claim({ incarnation, claimId: "acme", limit: 100 }, two.runtime);
          expect(claims.map(({ input }) => input).toSorted()).toEqual(
            incarnation === "i1" ? ["own too"] : ["own", "own too"],
          );
        }
      });
      expect(error).toBeNull();
      // Nobody fenced acme's runtime.
      await t.port.renew(two.lease, leaseMs);
      expect(await t.claim()).toHaveLength(1);
    });

    it.each(Object.entries(writes))("cannot %s with the other account's lease", async (_, write) => {
      const refused = await two.attempt(() => write(two.runtime, two.lease));
      expect(refused).toBeInstanceOf(LeaseLostError);
      const invented = { notification: newNotificationId(0), id: newLeaseId() };
      const unknown = await two.attempt(() => write(two.runtime, invented));
      // It cannot even learn that there is such a notification.
      expect(wordsOf(refused, two.lease.notification)).toBe(wordsOf(unknown, invented.notification));

      const mixed = [
        { notification: two.own.notification, id: two.lease.id },
        { notification: two.lease.notification, id: two.own.id },
        two.dead,
      ];
      for (const lease of mixed)
        expect(await two.attempt(() => write(two.runtime, lease))).toBeInstanceOf(LeaseLostError);
      await expect(t.port.complete(two.lease, reply("mine"))).resolves.toEqual({ message: "posted" });
    });

    it("sees its own agents and keys alone", async () => {
      const { agents } = await two.runtime.agents();
      expect(agents).toMatchObject([{ slug: "writer", ref: null, files: {} }]);
      expect(await two.attempt(() => two.runtime.agents())).toBeNull();
      expect(await two.attempt(() => two.runtime.providerKeys())).toBeNull();
      expect(await two.runtime.providerKeys()).toEqual({ generation: 0, keys: [] });
    });

    it("reports for itself alone, even in the name of the other account's runtime", async () => {
      const report = reportOf({ status: "error", rosterRevision: 99, keysGeneration: 99, keysConfirmed: 99 });
      expect(await two.attempt(() => two.runtime.report(report))).toBeNull();
    });

    it("is not woken for the other account", async ({ skip }) => {
      if (two.runtime.watch === undefined) return skip("this control plane has no wake-ups");
      const patience = { timeout: 4_000 };
      let calls = 0;
      const stop = new AbortController();
      two.runtime.watch(() => calls++, stop.signal);
      const wake = async (): Promise<number> => {
        await t.notify("own", { account: two.other });
        return calls;
      };
      await expect.poll(wake, patience).toBeGreaterThan(2);
      const before = calls;
      for (let count = 0; count < 5; count++) await t.notify("acme");
      // What it is woken for next comes after what it was not to be woken for.
      await wake();
      await expect.poll(() => calls, patience).toBeGreaterThan(before);
      expect(calls).toBe(before + 1);
      stop.abort();
    });
  });
}

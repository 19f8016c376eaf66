import { describe, expect, it } from "vitest";
import { InvalidInputError, NotFoundError } from "../../errors.ts";
import { WorkerFencedError } from "../../notification/errors.ts";
import type { ReportedCondition } from "../../ports/health.ts";
import type { Directive } from "../../ports/runtime.ts";
import { reportOf } from "../report.ts";
import type { AdminPortTest } from "./admin-port-test.ts";

const gatewayDown: ReportedCondition = {
  type: "GatewayReachable",
  status: "false",
  reason: "ConnectionRefused",
  message: "The gateway does not answer.",
  runbook: "https://example.com/runbooks/GatewayReachable",
  forMs: 4_000,
};

/** How the account's runtime is, and what is asked of it. */
export function runtime(t: AdminPortTest): void {
  const activities = async (): Promise<string[]> =>
    (await t.admin.activities()).items.map(({ type }) => type);
  const directives = async (over = {}): Promise<Directive[]> =>
    (await t.port.report(reportOf(over))).directives;

  describe("promise 11: the status of a runtime", () => {
    it("is offline before one was ever heard of, with a reason", async () => {
      expect(await t.admin.runtime()).toMatchObject({
        status: "offline",
        conditions: [{ type: "Heard", status: "false", reason: "NeverReported" }],
        version: null,
        lastSeenAt: null,
      });
    });

    it("is what its conditions say, since when by the control plane's clock", async () => {
      await t.port.report(reportOf({ version: "1.2.3", gatewayVersion: "2026.9.6" }));
      expect(await t.admin.runtime()).toEqual({
        status: "online",
        conditions: [],
        version: "1.2.3",
        gatewayVersion: "2026.9.6",
        lastSeenAt: t.clock.now(),
      });
      // A runtime that calls itself online with a gateway that is down is not believed.
      await t.port.report(reportOf({ conditions: [gatewayDown] }));
      const { status, conditions } = await t.admin.runtime();
      expect(status).toBe("error");
      expect(conditions).toMatchObject([{ type: "GatewayReachable", since: t.clock.now() - 4_000 }]);
    });

    it("is offline once it was not heard of for three of its intervals, though nobody counted them", async () => {
      await t.port.report(reportOf({ nextInMs: 10_000 }));
      t.clock.advance(29_999);
      expect((await t.admin.runtime()).status).toBe("online");
      t.clock.advance(1);
      const { status, conditions } = await t.admin.runtime();
      expect(status).toBe("offline");
      expect(conditions).toMatchObject([{ type: "Heard", reason: "NotHeard", runbook: expect.any(String) }]);
      await t.port.report(reportOf({ nextInMs: 10_000 }));
      expect((await t.admin.runtime()).status).toBe("online");
    });

    it("is offline at once when the runtime says that it stops", async () => {
      await t.port.report(reportOf());
      await t.port.report(reportOf({ status: "offline" }));
      expect(await t.admin.runtime()).toMatchObject({
        status: "offline",
        conditions: [{ type: "Heard", reason: "Stopped" }],
      });
    });

    it("does not rest on a report from the future, after the clock was set back", async () => {
      await t.port.report(reportOf());
      t.clock.advance(-60_000);
      expect((await t.admin.runtime()).status).toBe("offline");
      await t.port.report(reportOf({ workerId: "w2", status: "offline" }));
      expect(await t.admin.runtime()).toMatchObject({
        conditions: [{ reason: "Stopped" }],
        lastSeenAt: t.clock.now(),
      });
      await t.port.report(reportOf());
      expect((await t.admin.runtime()).status).toBe("online");
    });

    it("forgets what was said before the clock was set back, also when that time comes again", async () => {
      await t.port.report(reportOf({ workerId: "w2", conditions: [gatewayDown] }));
      t.clock.advance(-60_000);
      await t.port.report(reportOf());
      t.clock.advance(60_000);
      await t.port.report(reportOf());
      expect((await t.admin.runtime()).status).toBe("online");
    });

    it("is not undone by a report that arrives late, or twice", async () => {
      const older = reportOf();
      const newer = reportOf({ conditions: [gatewayDown] });
      await t.port.report(newer);
      await t.port.report(older);
      expect((await t.admin.runtime()).status).toBe("error");
      t.clock.advance(20_000);
      const heardAt = t.clock.now() - 20_000;
      await t.port.report(newer);
      expect((await t.admin.runtime()).lastSeenAt).toBe(heardAt);
    });

    it("is that of the worst of two workers that are there, and of the other when one is gone", async () => {
      await t.port.report(reportOf({ workerId: "w1" }));
      await t.port.report(reportOf({ workerId: "w2", conditions: [gatewayDown] }));
      expect((await t.admin.runtime()).status).toBe("error");
      await t.port.report(reportOf({ workerId: "w2", status: "offline" }));
      expect((await t.admin.runtime()).status).toBe("online");
    });

    it("is not told by a process that was replaced", async () => {
      await t.claim({ incarnation: "i1" });
      await t.claim({ incarnation: "i2" });
      await expect(t.port.report(reportOf({ incarnation: "i1" }))).rejects.toThrow(WorkerFencedError);
      await t.port.report(reportOf({ incarnation: "i2" }));
      expect((await t.admin.runtime()).status).toBe("online");
    });
  });

  describe("what is asked of a runtime", () => {
    it("is refused when the account is closed", async () => {
      await t.subject.platform.closeAccount(t.account);
      await expect(t.admin.restartRuntime()).rejects.toThrow(NotFoundError);
    });

    it("is handed out with each report until one says how it ended", async () => {
      await t.admin.restartRuntime();
      await t.admin.upgradeRuntime("1.3.0");
      const wanted = await directives();
      expect(wanted).toEqual([
        { id: expect.any(String), kind: "restart" },
        { id: expect.any(String), kind: "upgrade", target: "1.3.0" },
      ]);
      expect(await directives()).toEqual(wanted);
      const [restart, upgrade] = wanted;
      const ended = [
        { id: restart!.id, ok: true, message: "" },
        { id: upgrade!.id, ok: false, message: "The new version was not healthy; the old one runs again." },
      ];
      expect(await directives({ ended })).toEqual([]);
      // The answer was lost, and the report comes again.
      expect(await directives({ ended })).toEqual([]);
      expect(await activities()).toEqual([
        "runtime_upgrade_failed",
        "runtime_restart_done",
        "runtime_upgrade_requested",
        "runtime_restart_requested",
        "service_token_issued",
      ]);
    });

    it("is asked once, however often; of versions the last one counts", async () => {
      for (let count = 0; count < 2; count++) {
        await t.admin.restartRuntime();
        await t.admin.drainRuntime();
        await t.admin.resyncRuntime();
        await t.admin.upgradeRuntime("1.3.0");
      }
      await t.admin.upgradeRuntime("1.4.0");
      expect(await directives()).toMatchObject([
        { kind: "restart" },
        { kind: "drain" },
        { kind: "resync" },
        { kind: "upgrade", target: "1.4.0" },
      ]);
    });

    it("is not wanted any more a day later", async () => {
      await t.admin.restartRuntime();
      t.clock.advance(24 * 60 * 60_000);
      expect(await directives()).toEqual([]);
      await t.admin.restartRuntime();
      expect(await directives()).toHaveLength(1);
    });

    it.each(["", "a b", "--help", "1;reboot", "x".repeat(300)])("refuses %j as a version", async (target) => {
      await expect(t.admin.upgradeRuntime(target)).rejects.toThrow(InvalidInputError);
      expect(await directives()).toEqual([]);
    });
  });

  it("tells a runtime the revisions to compare with", async () => {
    const before = await t.port.report(reportOf());
    await t.subject.platform.upsertAgent({ account: t.account, agent: "third" });
    const after = await t.port.report(reportOf());
    expect(after.rosterRevision).toBeGreaterThan(before.rosterRevision);
    expect(after.rosterRevision).toBe((await t.port.agents()).revision);
    expect(after.keysGeneration).toBe((await t.port.providerKeys()).generation);
  });
}

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InvalidInputError } from "../errors.ts";
import { accountId } from "../ids.ts";
import type { BootstrapPort } from "../ports/bootstrap.ts";
import { BootstrapTokenError } from "../provision/errors.ts";
import { stderrTailBytes } from "../provision/home-call.ts";
import type { ProvisionAttempt, ProvisionRecord } from "../provision/record.ts";
import { createFakeClock, type FakeClock } from "./fake-clock.ts";
import type { ProvisionStoreFixture } from "./provision-store-suite.ts";
import {
  applyEvents,
  bootMs,
  created,
  requested,
  sending,
  tokenHashOf,
  tokenOf,
} from "./provision/sent-record.ts";

/** A control plane to be tested: its store, its port for droplets, and what the suite needs besides. */
export interface BootstrapPortFixture extends ProvisionStoreFixture {
  /** What a droplet may do. */
  bootstrap: BootstrapPort;
}

/**
 * What every control plane must do for droplets on their first boot. Call it in a test file; it needs vitest.
 *
 * @param name shown in the report
 * @param make opens an empty control plane with this clock
 *
 * @example
 * ```ts
 * import { createBootstrapPort } from "@lobstercontrol/core";
 * import { bootstrapPortSuite, createMemoryProvisionStore } from "@lobstercontrol/core/testing";
 *
 * bootstrapPortSuite("memory", ({ clock }) => {
 *   const store = createMemoryProvisionStore();
 *   return { store, ...store, bootstrap: createBootstrapPort({ store, clock }) };
 * });
 * ```
 */
export function bootstrapPortSuite(
  name: string,
  make: (options: { clock: FakeClock }) => Promise<BootstrapPortFixture> | BootstrapPortFixture,
): void {
  describe(`BootstrapPort on ${name}`, () => {
    let fixture: BootstrapPortFixture;
    let clock: FakeClock;
    let hash: string;
    let otherHash: string;
    const bootstrapToken = tokenOf("n1");

    beforeEach(async () => {
      clock = createFakeClock();
      fixture = await make({ clock });
      hash = await tokenHashOf("service token one");
      otherHash = await tokenHashOf("service token two");
      for (const account of ["acme", "other"]) await fixture.addAccount(account);
      await apply(requested("acme", "n1", clock.now()), await sending("n1", clock.now()), created("n1", 7));
    });
    afterEach(() => fixture.close?.());

    const apply = (...events: Parameters<typeof applyEvents>[3][]): Promise<ProvisionRecord> =>
      applyEvents(fixture.store, "acme", clock.now(), ...events);
    const attempt = async (): Promise<ProvisionAttempt> =>
      (await fixture.store.read(accountId.parse("acme")))!.attempts[0]!;
    const exchange = (serviceTokenHash = hash, token = bootstrapToken) =>
      fixture.bootstrap.exchange({ bootstrapToken: token, serviceTokenHash });
    const types = async (account = "acme"): Promise<string[]> =>
      (await fixture.activities(account)).map(({ type }) => type);

    async function expectRefused(call: () => Promise<unknown>, told: boolean): Promise<void> {
      const before = await types();
      await expect(call()).rejects.toThrow(BootstrapTokenError);
      expect(await types()).toEqual(told ? [...before, "bootstrap_refused"] : before);
    }

    describe("exchange", () => {
      it("makes the droplet's hash a good service token, and says whose runtime it is", async () => {
        expect(await exchange()).toEqual({ account: "acme" });
        expect(await fixture.serviceTokens("acme")).toEqual([hash]);
        expect(await types()).toEqual(["runtime_provision_requested", "runtime_bootstrapped"]);
        expect(await attempt()).toMatchObject({
          serviceTokenHash: hash,
          exchangedAt: clock.now(),
          home: null,
        });
      });

      it("succeeds again with the same hash: the answer was lost, or the droplet was restarted", async () => {
        await exchange();
        const record = await fixture.store.read(accountId.parse("acme"));
        clock.advance(2 * bootMs);
        expect(await exchange()).toEqual({ account: "acme" });
        expect(await fixture.store.read(accountId.parse("acme"))).toEqual(record);
        expect(await types()).toEqual(["runtime_provision_requested", "runtime_bootstrapped"]);
      });

      it("gives one good token to two droplets with one bootstrap token, and tells of the second", async () => {
        await exchange();
        await expectRefused(() => exchange(otherHash), true);
        expect(await fixture.serviceTokens("acme")).toEqual([hash]);
        expect(await exchange()).toEqual({ account: "acme" });
      });

      it("gives one good token to two droplets that ask at once", async () => {
        const both = await Promise.allSettled([exchange(), exchange(otherHash)]);
        expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
        expect(await fixture.serviceTokens("acme")).toHaveLength(1);
      });

      it("does not let whoever keeps trying fill the audit log", async () => {
        await exchange();
        for (let count = 0; count < 20; count++) await expect(exchange(otherHash)).rejects.toThrow();
        expect((await types()).filter((type) => type === "bootstrap_refused")).toHaveLength(5);
      });

      it("remembers the droplet that called home", async () => {
        await fixture.bootstrap.exchange({ bootstrapToken, serviceTokenHash: hash, dropletId: 7 });
        expect((await attempt()).home).toBe(7);
      });

      it("is refused with a token that nobody made, without a word to anybody", async () => {
        await expectRefused(() => exchange(hash, tokenOf("n9")), false);
        expect(await fixture.serviceTokens("acme")).toEqual([]);
      });

      it("is refused after the deadline", async () => {
        clock.advance(bootMs);
        await exchange();
        await fixture.close?.();
        fixture = await make({ clock });
        await fixture.addAccount("acme");
        await apply(requested("acme", "n1", clock.now()), await sending("n1", clock.now()));
        clock.advance(bootMs + 1);
        await expectRefused(exchange, true);
        expect(await fixture.serviceTokens("acme")).toEqual([]);
      });

      it.each([
        { type: "notCreated", nonce: "n1" } as const,
        { type: "failed", reason: "deadline", message: "Too late." } as const,
        { type: "destroyRequested", actor: "user-1" } as const,
      ])("is refused once the attempt is decided: $type", async (event) => {
        await apply(event);
        await expectRefused(exchange, true);
        expect(await fixture.serviceTokens("acme")).toEqual([]);
      });

      it("is good for the account of its attempt alone (promise 7)", async () => {
        await applyEvents(
          fixture.store,
          "other",
          clock.now(),
          requested("other", "n2", clock.now()),
          await sending("n2", clock.now()),
        );
        await exchange();
        expect(await exchange(otherHash, tokenOf("n2"))).toEqual({ account: "other" });
        expect(await fixture.serviceTokens("acme")).toEqual([hash]);
        expect(await fixture.serviceTokens("other")).toEqual([otherHash]);
        expect(await types("other")).toEqual(["runtime_provision_requested", "runtime_bootstrapped"]);
      });

      it("takes a hash, and nothing else", async () => {
        for (const wrong of ["", "abc", hash.toUpperCase(), `${hash}0`])
          await expect(exchange(wrong)).rejects.toThrow(InvalidInputError);
        expect(await fixture.serviceTokens("acme")).toEqual([]);
      });
    });

    describe("phase", () => {
      const phase = (over: { phase?: string; ok?: boolean; stderrTail?: string } = {}) =>
        fixture.bootstrap.phase({ bootstrapToken, phase: "docker", ok: true, ...over });

      it("is kept, with what it said on standard error", async () => {
        await phase({ stderrTail: "W: a warning\n" });
        expect((await attempt()).phases).toEqual([
          { phase: "docker", ok: true, stderrTail: "W: a warning\n", at: clock.now() },
        ]);
      });

      it("is there once when it is told twice, since its answer was lost", async () => {
        await phase();
        await phase();
        await phase({ phase: "images" });
        expect((await attempt()).phases.map((each) => each.phase)).toEqual(["docker", "images"]);
      });

      it("hides credentials, the bootstrap token first of all", async () => {
        const key = ["sk", "ant", "0123456789abcdef"].join("-");
        await phase({ stderrTail: `curl: ${bootstrapToken.reveal()} ${key} refused` });
        const stored = JSON.stringify(await fixture.store.read(accountId.parse("acme")));
        expect(stored).not.toContain(bootstrapToken.reveal());
        expect(stored).not.toContain(key);
        expect(stored).toContain("refused");
      });

      it("keeps the end of a long standard error, in whole characters", async () => {
        await phase({ stderrTail: `${"🦞".repeat(5_000)}the end` });
        const { stderrTail } = (await attempt()).phases[0]!;
        expect(new TextEncoder().encode(stderrTail).length).toBeLessThanOrEqual(stderrTailBytes);
        expect(stderrTail.endsWith("🦞the end")).toBe(true);
        expect(stderrTail).not.toMatch(/\p{Cs}/u);
      });

      it("keeps the last ones when there are many", async () => {
        for (let count = 0; count < 50; count++) await phase({ phase: `phase ${count}` });
        const { phases } = await attempt();
        expect(phases).toHaveLength(32);
        expect(phases.at(-1)!.phase).toBe("phase 49");
      });

      it("fails the provisioning when it went wrong, and says which it was", async () => {
        await phase({ ok: false, stderrTail: "E: no space left on device" });
        const record = (await fixture.store.read(accountId.parse("acme")))!;
        expect(record).toMatchObject({ state: "failed", failure: { reason: "phaseFailed" } });
        expect(record.failure!.message).toContain('"docker"');
        expect(record.attempts[0]!.phases.at(-1)!.stderrTail).toBe("E: no space left on device");
        expect(await types()).toEqual(["runtime_provision_requested", "runtime_provision_failed"]);
        await expectRefused(() => phase({ phase: "images" }), false);
      });

      it("is refused with a token that nobody made, or whose time is over", async () => {
        const unknown = tokenOf("n9");
        await expectRefused(
          () => fixture.bootstrap.phase({ bootstrapToken: unknown, phase: "docker", ok: true }),
          false,
        );
        clock.advance(bootMs + 1);
        await expectRefused(phase, false);
      });

      it("takes a name that fits a log line", async () => {
        for (const wrong of ["", "a\nb", "x".repeat(65), "<script>"])
          await expect(phase({ phase: wrong })).rejects.toThrow(InvalidInputError);
      });
    });
  });
}

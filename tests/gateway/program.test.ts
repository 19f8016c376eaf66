import { createRuntimeHandler } from "@lobstercontrol/core/http";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import { expect, onTestFinished, vi } from "vitest";
import { serve } from "../../packages/sqlite/tests/http/serve.ts";
import { testVault as vault } from "../../packages/sqlite/tests/test-vault.ts";
import { describeGateway } from "./fixture.ts";
import { newKey } from "./key-gate.ts";
import { provider, test } from "./program.ts";

const patience = { timeout: 170_000, interval: 200 };

describeGateway("lobster-runtime beside a gateway that has nothing yet", () => {
  test(
    "brings agents and keys, delivers, restarts the gateway, and ends when it is asked to",
    { timeout: 400_000 },
    async ({ gate, synced, startBeside }) => {
      const { gateway, upMs } = synced;
      const account = "acme";
      const controlPlane = createSqliteControlPlane({ path: ":memory:", vault });
      const server = await serve(createRuntimeHandler({ controlPlane }));
      onTestFinished(async () => {
        await server.close();
        controlPlane.close();
      });
      const { platform } = controlPlane;
      const admin = controlPlane.admin({ id: "user-1" }, account);
      await platform.upsertAccount({ account });
      await platform.upsertAgent({ account, agent: "writer", files: { "SOUL.md": "You are kind." } });
      const [first, second] = [newKey(), newKey()];
      await admin.upsertProviderKey({ provider, key: first });
      const { token } = await admin.issueServiceToken();

      const program = startBeside({
        CONTROL_PLANE_URL: server.url,
        SERVICE_TOKEN: token.reveal(),
        POLL_MS: "500",
        REPORT_MS: "1000",
      });

      const keyState = async () => (await admin.listProviderKeys())[0]?.state;
      const messages = async () => (await platform.messages()).messages.length;
      const notify = (name: string) =>
        platform.notify({
          account,
          agent: "writer",
          thread: name,
          input: `${name}: hello`,
          idempotencyKey: name,
        });

      await notify("one");
      await vi.waitFor(async () => expect(await messages()).toBe(1), patience);
      // Promise 9: confirmed once the provider has seen it.
      await vi.waitFor(async () => expect(await keyState()).toBe("confirmed"), patience);
      expect(new Set(gate.calls.map(({ key }) => key))).toEqual(new Set([first.reveal()]));
      await vi.waitFor(
        async () =>
          expect(await admin.runtime()).toMatchObject({
            status: "online",
            gatewayVersion: expect.any(String),
          }),
        patience,
      );

      await admin.upsertProviderKey({ provider, key: second });
      await vi.waitFor(async () => expect(await keyState()).toBe("active"), patience);
      await notify("two");
      await vi.waitFor(async () => expect(await keyState()).toBe("confirmed"), patience);
      expect(gate.calls.at(-1)?.key).toBe(second.reveal());

      const before = await upMs();
      await admin.restartRuntime();
      await vi.waitFor(
        async () =>
          expect((await admin.activities()).items.map(({ type }) => type)).toContain("runtime_restart_done"),
        patience,
      );
      expect(await upMs()).toBeLessThan(before + 1_000);
      await notify("three");
      await vi.waitFor(async () => expect(await messages()).toBe(3), patience);
      await vi.waitFor(async () => expect((await admin.runtime()).status).toBe("online"), patience);

      program.kill("SIGTERM");
      expect(await program.exited).toBe(0);
      // Promise 11: it said that it stops.
      expect(await admin.runtime()).toMatchObject({ status: "offline", conditions: [{ reason: "Stopped" }] });
      // Promise 8.
      for (const secret of [first, second, token, gateway.token])
        expect(program.output()).not.toContain(secret.reveal());
    },
  );
});

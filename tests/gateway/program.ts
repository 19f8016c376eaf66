import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnProgram, type Program } from "../../packages/runtime/tests/program.ts";
import { test as base } from "./fixture.ts";
import { startKeyGate } from "./key-gate.ts";
import { openSynced } from "./synced.ts";

/** The provider whose calls go through the gate. */
export const provider = "own";

/** A gateway that has nothing yet, and what starts `lobster-runtime` beside it: one of each for a file. */
export const test = base
  .extend("gate", { scope: "file" }, async ({ models }, { onCleanup }) => {
    const gate = await startKeyGate(models);
    onCleanup(() => gate.close());
    return gate;
  })
  .extend("synced", { scope: "file" }, async ({ models }, { onCleanup }) => {
    // The gateway and its files alone: the program brings what this could.
    return await openSynced(models, {}, onCleanup);
  })
  .extend("folder", { scope: "file" }, async ({ gate }, { onCleanup }) => {
    const folder = await mkdtemp(join(tmpdir(), "lobster-program-"));
    onCleanup(() => rm(folder, { recursive: true, force: true }));
    const providers = { [provider]: { baseUrl: gate.url, model: "demo" } };
    await writeFile(join(folder, "settings.json"), JSON.stringify({ providers }));
    return folder;
  })
  .extend("startBeside", { scope: "file" }, async ({ synced, folder }, { onCleanup }) => {
    const { gateway, files } = synced;
    const programs: Program[] = [];
    onCleanup(async () => {
      for (const program of programs) program.kill("SIGKILL");
      await Promise.all(programs.map(({ exited }) => exited));
    });
    /** @param env the control plane, the service token, and what a test wants otherwise */
    return (env: Record<string, string>): Program => {
      const program = spawnProgram(["start"], {
        OPENCLAW_GATEWAY_URL: gateway.url,
        OPENCLAW_GATEWAY_TOKEN: gateway.token.reveal(),
        OPENCLAW_CONFIG_PATH: files.configPath,
        OPENCLAW_STATE_DIR: files.stateDir,
        OPENCLAW_SECRETS_DIR: files.secretsDir,
        OPENCLAW_WORKSPACES_DIR: files.workspacesDir,
        GATEWAY_SETTINGS_FILE: join(folder, "settings.json"),
        STATE_DIR: join(folder, "state"),
        HEALTH_PORT: "0",
        PROBE_MS: "1000",
        ...env,
      });
      programs.push(program);
      return program;
    };
  });

import { Secret } from "@lobstercontrol/core";
import {
  ControlCallError,
  ControlConfigInvalidError,
  ControlUnreachableError,
  type GatewayControl,
} from "@lobstercontrol/openclaw-client/control";
import { lstat, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createConditions } from "../health/conditions.ts";
import { createFakeClock } from "@lobstercontrol/core/testing";
import { createGatewayConfig, type GatewayConfigOptions } from "./create-gateway-config.ts";
import { nodeFiles, type Files } from "./files.ts";
import { isObject } from "./json.ts";
import { renderGatewayConfig, type GatewayConfigBase, type GatewayFiles } from "./render.ts";

/** The five calls that the syncs make. */
type TestControl = Pick<GatewayControl, "agents" | "applyConfig" | "proveSecret" | "reloadSecrets">;

interface LiveConfig {
  agents: { entries?: Record<string, unknown> };
  models: { providers: Record<string, { apiKey: { provider: string } }> };
  secrets: { providers: Record<string, { path: string }> };
}

/**
 * A gateway that does with real files what the real one was seen to do: it takes a valid configuration over at once, and with
 * it reads all secrets again; it keeps a secret whose file it does not like, and warns; it loads nothing when one is empty.
 */
export async function openTestGateway(base: Partial<GatewayConfigBase> = {}) {
  const dir = await mkdtemp(join(tmpdir(), "lobster-sync-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const files: GatewayFiles = {
    configPath: join(dir, "openclaw.json"),
    stateDir: dir,
    workspacesDir: join(dir, "workspaces"),
    secretsDir: join(dir, "secrets"),
  };
  const fullBase: GatewayConfigBase = { port: 1, ...base };
  await writeFile(files.configPath, renderGatewayConfig({ base: fullBase, roster: [], keys: [], files }));
  let live = JSON.parse(await readFile(files.configPath, "utf8")) as LiveConfig;
  const secrets = new Map<string, string>();
  const calls: string[] = [];
  const control = {
    calls,
    isDown: false,
    /** Whether the gateway finds a configuration invalid. */
    refuses: null as ((config: LiveConfig) => boolean) | null,
  };

  async function read(path: string): Promise<string | null> {
    const stat = await lstat(path).catch(() => null);
    return stat?.isFile() === true && (stat.mode & 0o077) === 0 ? await readFile(path, "utf8") : null;
  }

  async function loadSecrets(): Promise<number> {
    const loaded = new Map<string, string | null>();
    for (const [name, { path }] of Object.entries(live.secrets.providers)) loaded.set(name, await read(path));
    if ([...loaded.values()].includes(""))
      throw new ControlCallError({ method: "secrets.reload", problem: "failed" });
    for (const [name, value] of loaded) if (value !== null) secrets.set(name, value);
    for (const name of secrets.keys()) if (!loaded.has(name)) secrets.delete(name);
    return [...loaded.values()].filter((value) => value === null).length;
  }

  /** Counts a call, and fails it when the gateway is away. */
  function call(name: string): void {
    calls.push(name);
    if (control.isDown) throw new ControlUnreachableError({ reason: "ECONNREFUSED" });
  }

  const test: TestControl = {
    async agents() {
      call("agents");
      return Object.keys(live.agents.entries ?? { main: {} }).toSorted();
    },
    async applyConfig(parameters) {
      call("applyConfig");
      const text = "text" in parameters ? parameters.text : await parameters.render();
      const before = await readFile(parameters.path, "utf8");
      await nodeFiles.replace(parameters.path, text);
      const next = JSON.parse(text) as LiveConfig;
      if (control.refuses?.(next) === true) {
        await nodeFiles.replace(parameters.path, before);
        throw new ControlConfigInvalidError({
          issues: [{ path: "agents", message: "is not as it should be" }],
        });
      }
      // What it runs with already, it does not take over again.
      if (text === before) return;
      live = next;
      await loadSecrets().catch(() => 0);
    },
    async reloadSecrets() {
      call("reloadSecrets");
      return { warnings: await loadSecrets() };
    },
    async proveSecret(path, expected) {
      call("proveSecret");
      const id = path.split(".")[2] ?? "";
      const entry = live.models.providers[id];
      return isObject(entry) && secrets.get(entry.apiKey.provider) === expected.reveal();
    },
  };
  const clock = createFakeClock();
  const conditions = createConditions(clock);
  return {
    files,
    control: Object.assign(control, test),
    clock,
    conditions,
    /** What was found about a condition. */
    found: (type: string) => conditions.list().find((condition) => condition.type === type),
    /** The configuration that the gateway runs with. */
    live: () => live,
    /** The key that the gateway uses, by the provider's name in the control plane. */
    key: (provider: string) => secrets.get(`lobster-${provider}`),
    /** As a start of the gateway does: everything from the files. */
    async restart(): Promise<void> {
      live = JSON.parse(await readFile(files.configPath, "utf8")) as LiveConfig;
      secrets.clear();
      await loadSecrets();
    },
    /** A writer on it, as a runtime that starts makes one. */
    openConfig: (over: Partial<GatewayConfigOptions> = {}) =>
      createGatewayConfig({ control: test, base: fullBase, files, ...over }),
  };
}

/** Files that fail at the `n`th step that changes something, as when the process is killed there; and all after it. */
export function filesUntil(n: number): Files {
  let left = n;
  const step =
    <Arguments extends unknown[]>(run: (...given: Arguments) => Promise<void>) =>
    async (...given: Arguments): Promise<void> => {
      if (left-- <= 0) throw new CrashError();
      await run(...given);
    };
  return {
    ...nodeFiles,
    replace: step(nodeFiles.replace),
    remove: step(nodeFiles.remove),
    makeFolder: step(nodeFiles.makeFolder),
  };
}

/** What a crash looks like from inside a test. */
class CrashError extends Error {
  readonly code = "ECRASH";
}

/** A key that nobody has, told from others by its end. */
export const keyOf = (end: string): Secret => new Secret(["sk", "canary", end].join("-"));

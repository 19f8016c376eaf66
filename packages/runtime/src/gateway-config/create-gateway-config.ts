import { scrubbedLogger, silentLogger, type Logger } from "@lobstercontrol/core";
import {
  ControlConfigInvalidError,
  ControlTimeoutError,
  type GatewayControl,
} from "@lobstercontrol/openclaw-client/control";
import { nodeFiles, type Files } from "./files.ts";
import { createOneByOne } from "./one-by-one.ts";
import {
  namesIn,
  providerOfAgents,
  renderGatewayConfig,
  type GatewayConfigBase,
  type GatewayFiles,
} from "./render.ts";

/** How {@link createGatewayConfig} is set up. */
export interface GatewayConfigOptions {
  /** Has the gateway take the file over, and proves it. */
  control: Pick<GatewayControl, "agents" | "applyConfig">;
  /** What the file says besides agents and keys. */
  base: GatewayConfigBase;
  /** Where things are. */
  files: GatewayFiles;
  /**
   * Drains, and restarts the gateway: called once for a configuration that the gateway is able to answer for and does not
   * take over while it runs. Default: nothing is done, and the condition says so.
   */
  restart?: (reason: string) => Promise<void>;
  /** Reads and writes. Default: the machine's files. */
  fs?: Files;
  /** Where log lines go: nowhere by default. */
  logger?: Logger;
}

/** What the gateway's configuration names. */
export interface ConfigNames {
  /** Slugs of the agents. */
  roster: readonly string[];
  /** Providers that have a secret file. */
  keys: readonly string[];
}

/** The one writer of a gateway's `openclaw.json`: what one sync knows is kept when the other writes. */
export interface GatewayConfig {
  /** What the file says besides agents and keys. */
  readonly base: GatewayConfigBase;
  /** Where things are. */
  readonly files: GatewayFiles;
  /** Reads and writes. */
  readonly fs: Files;
  /** What the gateway is known to have: at first what its file names, so that a runtime that starts takes nothing away. */
  names(): Promise<ConfigNames>;
  /**
   * Writes the file anew with other agents or keys, and returns once the gateway is proven to run with it. When it throws,
   * the names are as they were.
   *
   * @throws what `GatewayControl.applyConfig` throws, and what the file system does
   */
  update(change: Partial<ConfigNames>): Promise<void>;
  /** The provider whose model the agents use; null while that is not known, or the template chose another model. */
  provider(): string | null;
}

/**
 * Makes the writer that the roster's sync and that of the keys share.
 *
 * @example
 * ```ts
 * import { createGatewayControl } from "@lobstercontrol/openclaw-client/control";
 * import { createGatewayConfig } from "@lobstercontrol/runtime";
 *
 * const config = createGatewayConfig({
 *   control: createGatewayControl({ url: "http://127.0.0.1:18789", token: "correct horse" }),
 *   base: { port: 18789 },
 *   files: {
 *     configPath: "/data/openclaw.json",
 *     stateDir: "/data",
 *     workspacesDir: "/data/workspaces",
 *     secretsDir: "/run/lobster",
 *   },
 * });
 * await config.update({ roster: ["writer"] });
 * ```
 */
export function createGatewayConfig(options: GatewayConfigOptions): GatewayConfig {
  const { control, base, files, restart, fs = nodeFiles } = options;
  const logger = scrubbedLogger(options.logger ?? silentLogger);
  const { configPath } = files;
  const oneByOne = createOneByOne();
  /** Beside the file while a new one is tried: a crash in between must not leave one that the gateway cannot start with. */
  const keptPath = `${configPath}.before`;
  let known: ConfigNames | null = null;
  let restartedFor: string | null = null;

  async function names(): Promise<ConfigNames> {
    known ??= namesIn((await fs.read(configPath)) ?? "");
    return known;
  }

  async function update(change: Partial<ConfigNames>): Promise<void> {
    const next = { ...(await names()), ...change };
    const text = renderGatewayConfig({ base, files, ...next });
    await keep(text);
    try {
      await control.applyConfig({ path: configPath, text });
    } catch (error) {
      if (ControlConfigInvalidError.isInstance(error)) await putBack();
      if (ControlTimeoutError.isInstance(error)) await restartFor(text);
      throw error;
    }
    known = next;
    await fs.remove(keptPath);
  }

  async function keep(text: string): Promise<void> {
    // One that is there already was left by a crash: what is in place now may never have been seen by the gateway.
    if ((await fs.read(keptPath)) !== null) return;
    const current = await fs.read(configPath);
    if (current !== null && current !== text) await fs.replace(keptPath, current);
  }

  async function putBack(): Promise<void> {
    const kept = await fs.read(keptPath);
    if (kept === null) return;
    if (kept !== (await fs.read(configPath))) await fs.replace(configPath, kept);
    await fs.remove(keptPath);
  }

  async function restartFor(text: string): Promise<void> {
    if (restart === undefined || restartedFor === text) return;
    // One that does not answer is busy or away, and a restart is not what it lacks.
    const answers = await control.agents().then(
      () => true,
      () => false,
    );
    if (!answers) return;
    restartedFor = text;
    logger.warn({}, "the gateway does not take its configuration over while it runs: it is restarted");
    // Whether it was seen to restart, the next try finds out.
    await restart("a configuration that needs a restart").catch((error: unknown) =>
      logger.warn({ error }, "the gateway was not seen to restart"),
    );
  }

  return {
    base,
    files,
    fs,
    names: () => oneByOne(names),
    update: (change) => oneByOne(() => update(change)),
    provider: () => (known === null ? null : providerOfAgents(known.keys, base)),
  };
}

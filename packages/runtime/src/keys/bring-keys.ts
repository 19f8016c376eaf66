import type { ProbeVerdict, ProviderKeySet, Secret } from "@lobstercontrol/core";
import { ControlCallError, type GatewayControl } from "@lobstercontrol/openclaw-client/control";
import { join } from "node:path";
import type { GatewayConfig } from "../gateway-config/create-gateway-config.ts";
import { isUnfinished } from "../write-durably.ts";
import { keyPathOf, secretFileOf } from "../gateway-config/render.ts";
import { isProviderName, keyProblem } from "./key-problem.ts";

/** Why a key is not active. */
export interface KeyProblem {
  /** Whose key. */
  provider: string;
  /** One word for machines. */
  reason: "KeyMalformed" | "ProviderUnknown" | "KeyRefused" | "KeyNotLoaded";
  /** One sentence for people; nothing of the key. */
  message: string;
  /** Whether trying again soon may help. */
  isOurs: boolean;
}

/** What came of {@link bringKeys}. */
export interface BroughtKeys {
  /** The keys that the gateway is proven to hold. */
  active: ReadonlyMap<string, Secret>;
  /** What is wrong with the others. */
  problems: KeyProblem[];
  /** Why the configuration could not be changed, when that is what was in the way; null otherwise. */
  failure: unknown;
}

interface BringKeysInput {
  keys: ProviderKeySet["keys"];
  /** Whether the gateway is made to read its secrets again though nothing changed. */
  force: boolean;
  config: GatewayConfig;
  control: Pick<GatewayControl, "reloadSecrets" | "proveSecret">;
  probeKey: ((key: { provider: string; key: Secret }) => Promise<ProbeVerdict>) | null;
}

/**
 * One try to have the gateway hold these keys. It can end anywhere and be begun again: a file is there before the
 * configuration names it, and goes only after the configuration has ceased to; a file that changed is not in use before it
 * was loaded, and is a good key whenever it is.
 */
export async function bringKeys({
  keys,
  force,
  config,
  control,
  probeKey,
}: BringKeysInput): Promise<BroughtKeys> {
  const { base, files, fs } = config;
  await fs.makeFolder(files.secretsDir);
  await removeFiles(config, isUnfinished);

  const named = (await config.names()).keys;
  const problems: KeyProblem[] = [];
  const usable: typeof keys = [];
  const changed = new Set<Secret>();
  for (const key of keys) {
    const problem = formProblem(key, config);
    if (problem === null && (await fs.read(secretFileOf(key.provider, files))) !== key.key.reveal())
      changed.add(key.key);
    const refused = changed.has(key.key) && probeKey !== null && (await probeKey(key)) === "refused";
    if (problem !== null) problems.push(problem);
    else if (refused) problems.push(refusedKey(key.provider));
    else usable.push(key);
  }

  const isActive = async ({ provider, key }: (typeof keys)[number]): Promise<boolean> => {
    const path = keyPathOf(provider, base);
    return path !== null && (await control.proveSecret(path, key));
  };
  let written = false;
  for (const key of usable) {
    // One that is not active is written though it is there: what the gateway minds may be the file.
    if (!changed.has(key.key) && named.includes(key.provider) && (await isActive(key))) continue;
    await fs.replace(secretFileOf(key.provider, files), key.key.reveal());
    written = true;
  }

  // A key that is not usable leaves in place what the gateway has of that provider.
  const kept = problems.map(({ provider }) => provider).filter((provider) => named.includes(provider));
  const next = [...usable.map(({ provider }) => provider), ...kept].toSorted();
  let failure: unknown = null;
  try {
    await config.update({ keys: next });
    await removeFiles(
      config,
      (name) => name.endsWith(".key") && !next.includes(name.slice(0, -".key".length)),
    );
  } catch (error) {
    // Keys that the configuration names already do not depend on it.
    failure = error;
  }

  const reload = written || force ? await reloaded(control) : null;
  const active = new Map<string, Secret>();
  for (const key of usable) {
    if (await isActive(key)) active.set(key.provider, key.key);
    else if (failure === null) problems.push(notLoaded(key.provider, reload));
  }
  if (reload !== null && problems.every(({ reason }) => reason !== "KeyNotLoaded"))
    problems.push(notLoaded("", reload));
  return { active, problems, failure };
}

/** @returns what the gateway minds; null for nothing */
async function reloaded(control: Pick<GatewayControl, "reloadSecrets">): Promise<string | null> {
  try {
    const { warnings } = await control.reloadSecrets();
    return warnings === 0 ? null : `it warns of ${warnings} that it cannot load`;
  } catch (error) {
    // It refuses the whole when one of them is empty, and keeps all that it has.
    if (!ControlCallError.isInstance(error)) throw error;
    return "it does not load any";
  }
}

function notLoaded(provider: string, reload: string | null): KeyProblem {
  const because = reload === null ? "" : `: ${reload}`;
  const message =
    provider === ""
      ? `The gateway holds the keys, but not all of its secrets${because}.`
      : `The gateway does not use the new key of ${provider}${because}. The one before it stays in use.`;
  return { provider, reason: "KeyNotLoaded", message, isOurs: true };
}

function refusedKey(provider: string): KeyProblem {
  const message = `${provider} refuses the key that is stored; it was not activated.`;
  return { provider, reason: "KeyRefused", message, isOurs: false };
}

function formProblem(
  { provider, key }: ProviderKeySet["keys"][number],
  { base }: GatewayConfig,
): KeyProblem | null {
  // A key in the place of a name would else be shown.
  if (!isProviderName(provider))
    return {
      provider: "",
      reason: "KeyMalformed",
      message: "A provider has a name that is not usable.",
      isOurs: false,
    };
  const problem = keyProblem(key);
  if (problem !== null)
    return { provider, reason: "KeyMalformed", message: `The key of ${provider} ${problem}.`, isOurs: false };
  if (keyPathOf(provider, base) !== null) return null;
  const message = `Nobody told the runtime the address and the model of provider ${provider}.`;
  return { provider, reason: "ProviderUnknown", message, isOurs: false };
}

async function removeFiles(
  { fs, files: { secretsDir } }: GatewayConfig,
  isGone: (name: string) => boolean,
): Promise<void> {
  for (const name of await fs.list(secretsDir)) if (isGone(name)) await fs.remove(join(secretsDir, name));
}

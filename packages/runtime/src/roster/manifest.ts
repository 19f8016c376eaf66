import { agentSlug } from "@lobstercontrol/core";
import { join } from "node:path";
import type { Files } from "../gateway-config/files.ts";
import { isObject, stableJson } from "../gateway-config/json.ts";
import { isFileName } from "./file-name.ts";

/** What the sync has written: by agent and file, the SHA-256 of what is there, and of what may be after a crash. */
export type Manifest = Map<string, Map<string, string[]>>;

/** No agent has such a slug. */
const pathIn = (workspacesDir: string): string => join(workspacesDir, ".lobstercontrol.json");

/** Reads the manifest. One that cannot be understood is an empty one: then nothing is removed. */
export async function readManifest(fs: Files, workspacesDir: string): Promise<Manifest> {
  const manifest: Manifest = new Map();
  const stored = parsed((await fs.read(pathIn(workspacesDir))) ?? "");
  for (const [slug, names] of Object.entries(stored)) {
    // Agents can write here too, so that no name is trusted to be one.
    if (!agentSlug.safeParse(slug).success || !isObject(names)) continue;
    const files = new Map<string, string[]>();
    for (const [name, hashes] of Object.entries(names))
      if (isFileName(name) && Array.isArray(hashes)) files.set(name, hashes.map(String));
    manifest.set(slug, files);
  }
  return manifest;
}

/** Writes the manifest. */
export function writeManifest(fs: Files, workspacesDir: string, manifest: Manifest): Promise<void> {
  const agents = [...manifest].filter(([, files]) => files.size > 0);
  const stored = agents.map(([slug, files]) => [slug, Object.fromEntries(files)] as const);
  return fs.replace(pathIn(workspacesDir), stableJson(Object.fromEntries(stored)));
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

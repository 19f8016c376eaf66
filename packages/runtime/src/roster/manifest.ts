import { join } from "node:path";
import type { Files } from "../gateway-config/files.ts";
import { isObject, stableJson } from "../gateway-config/json.ts";
import { isFileName } from "./file-name.ts";

/** What the sync has written into one workspace: by file, the SHA-256 of what is there, and of what may be after a crash. */
export type Manifest = Map<string, string[]>;

/**
 * It lies in the workspace itself and always stays, even when it lists nothing: OpenClaw runs no agent any more whose
 * workspace it has seen with something in it and finds empty within a day.
 */
export const manifestName = ".lobstercontrol.json";

/** Reads a manifest; null when there is none. One that cannot be understood lists nothing: then nothing is removed. */
export async function readManifest(fs: Files, workspace: string): Promise<Manifest | null> {
  const text = await fs.read(join(workspace, manifestName));
  if (text === null) return null;
  const manifest: Manifest = new Map();
  // The agent can write here too, so that no name is trusted to be one.
  for (const [name, hashes] of Object.entries(parsed(text)))
    if (isFileName(name) && Array.isArray(hashes)) manifest.set(name, hashes.map(String));
  return manifest;
}

/** Writes a manifest. */
export function writeManifest(fs: Files, workspace: string, manifest: Manifest): Promise<void> {
  return fs.replace(join(workspace, manifestName), stableJson(Object.fromEntries(manifest)));
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

import type { Agent } from "@lobstercontrol/core";
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Files } from "../gateway-config/files.ts";
import { readManifest, writeManifest } from "./manifest.ts";

/** An agent, as far as its workspace goes. */
type WorkspaceOf = Pick<Agent, "slug" | "files">;

/** What an agent remembers is its own: it gets a first text at most, and that is never changed or removed. */
const agentsOwn = new Set(["MEMORY.md"]);

/**
 * Writes the workspace files that differ from what the roster says, each in one step: an agent never reads half a file.
 * The manifest is written first, so that after a crash it is known what may be removed one day.
 */
export async function writeWorkspaceFiles(
  fs: Files,
  workspacesDir: string,
  agents: readonly WorkspaceOf[],
): Promise<void> {
  const different = await differentFiles(fs, workspacesDir, agents);
  for (const { slug } of agents) await fs.makeFolder(join(workspacesDir, slug));
  if (different.length === 0) return;

  const manifest = await readManifest(fs, workspacesDir);
  const tracked = different.filter(({ name }) => !agentsOwn.has(name));
  const hashesOf = (slug: string, name: string) => manifest.get(slug)?.get(name) ?? [];
  const note = (slug: string, name: string, hashes: string[]) => {
    if (!manifest.has(slug)) manifest.set(slug, new Map());
    manifest.get(slug)?.set(name, hashes);
  };
  for (const { slug, name, text } of tracked) note(slug, name, [...hashesOf(slug, name), hashOf(text)]);
  await writeManifest(fs, workspacesDir, manifest);
  for (const { slug, name, text } of different) await fs.replace(join(workspacesDir, slug, name), text);
  for (const { slug, name, text } of tracked) note(slug, name, [hashOf(text)]);
  await writeManifest(fs, workspacesDir, manifest);
}

/** Removes the files that were written here and that the roster has no more, unless the agent has changed them since. */
export async function removeWorkspaceFiles(
  fs: Files,
  workspacesDir: string,
  agents: readonly WorkspaceOf[],
): Promise<void> {
  const manifest = await readManifest(fs, workspacesDir);
  const wanted = new Set(
    agents.flatMap(({ slug, files }) => Object.keys(files).map((name) => `${slug}/${name}`)),
  );
  let changed = false;
  for (const [slug, files] of manifest) {
    for (const [name, hashes] of files) {
      if (wanted.has(`${slug}/${name}`)) continue;
      const path = join(workspacesDir, slug, name);
      const text = await fs.read(path);
      if (text !== null && hashes.includes(hashOf(text))) await fs.remove(path);
      files.delete(name);
      changed = true;
    }
  }
  if (changed) await writeManifest(fs, workspacesDir, manifest);
}

async function differentFiles(fs: Files, workspacesDir: string, agents: readonly WorkspaceOf[]) {
  const different: { slug: string; name: string; text: string }[] = [];
  for (const { slug, files } of agents) {
    for (const [name, text] of Object.entries(files)) {
      const current = await fs.read(join(workspacesDir, slug, name));
      if (agentsOwn.has(name) ? current === null : current !== text) different.push({ slug, name, text });
    }
  }
  return different;
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

import { agentSlug, type Agent } from "@lobstercontrol/core";
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Files } from "../gateway-config/files.ts";
import { readManifest, writeManifest } from "./manifest.ts";

/** An agent, as far as its workspace goes. */
type WorkspaceOf = Pick<Agent, "slug" | "files">;

/** What went wrong, by the agent's slug. Its workspace is left alone from then on, and the others get what is theirs. */
export type FailedWorkspaces = Map<string, unknown>;

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
  failed: FailedWorkspaces,
): Promise<void> {
  for (const { slug, files } of agents)
    await unlessFailed(failed, slug, () => writeFiles(fs, join(workspacesDir, slug), files));
}

async function unlessFailed(failed: FailedWorkspaces, slug: string, act: () => Promise<void>): Promise<void> {
  if (failed.has(slug)) return;
  try {
    await act();
  } catch (error) {
    failed.set(slug, error);
  }
}

async function writeFiles(fs: Files, workspace: string, files: WorkspaceOf["files"]): Promise<void> {
  await fs.makeFolder(workspace);
  const known = await readManifest(fs, workspace);
  const manifest = known ?? new Map<string, string[]>();
  const different: [name: string, text: string][] = [];
  for (const [name, text] of Object.entries(files)) {
    const current = await fs.read(join(workspace, name));
    if (agentsOwn.has(name) ? current === null : current !== text) different.push([name, text]);
  }
  if (different.length === 0 && known !== null) return;

  const tracked = different.filter(([name]) => !agentsOwn.has(name));
  for (const [name, text] of tracked) manifest.set(name, [...(manifest.get(name) ?? []), hashOf(text)]);
  await writeManifest(fs, workspace, manifest);
  for (const [name, text] of different) await fs.replace(join(workspace, name), text);
  if (tracked.length === 0) return;
  for (const [name, text] of tracked) manifest.set(name, [hashOf(text)]);
  await writeManifest(fs, workspace, manifest);
}

/** Removes the files that were written here and that the roster has no more, unless the agent has changed them since. */
export async function removeWorkspaceFiles(
  fs: Files,
  workspacesDir: string,
  agents: readonly WorkspaceOf[],
  failed: FailedWorkspaces,
): Promise<void> {
  for (const slug of await fs.list(workspacesDir)) {
    if (!agentSlug.safeParse(slug).success) continue;
    const wanted = agents.find((agent) => agent.slug === slug)?.files ?? {};
    await unlessFailed(failed, slug, () =>
      removeFiles(fs, join(workspacesDir, slug), (name) => Object.hasOwn(wanted, name)),
    );
  }
}

async function removeFiles(fs: Files, workspace: string, isWanted: (name: string) => boolean): Promise<void> {
  const manifest = (await readManifest(fs, workspace)) ?? new Map<string, string[]>();
  const gone = [...manifest].filter(([name]) => !isWanted(name));
  if (gone.length === 0) return;
  for (const [name, hashes] of gone) {
    const path = join(workspace, name);
    const text = await fs.read(path);
    if (text !== null && hashes.includes(hashOf(text))) await fs.remove(path);
    manifest.delete(name);
  }
  await writeManifest(fs, workspace, manifest);
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

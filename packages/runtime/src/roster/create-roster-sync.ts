import {
  agentSlug,
  scrubbedLogger,
  silentLogger,
  systemClock,
  type Agent,
  type AgentRoster,
  type Clock,
  type Logger,
  type RuntimePort,
} from "@lobstercontrol/core";
import type { GatewayControl } from "@lobstercontrol/openclaw-client/control";
import type { GatewayConfig } from "../gateway-config/create-gateway-config.ts";
import { createDue } from "../gateway-config/due.ts";
import { createOneByOne } from "../gateway-config/one-by-one.ts";
import { findingOf, notToldFinding, retryInMs, workspacesFinding } from "../gateway-config/problem.ts";
import type { Conditions, Finding } from "../health/conditions.ts";
import { someOf } from "../health/some-of.ts";
import type { Sync } from "../sync.ts";
import { isFileName } from "./file-name.ts";
import { removeWorkspaceFiles, writeWorkspaceFiles, type FailedWorkspaces } from "./workspace-files.ts";

/** How {@link createRosterSync} is set up. */
export interface RosterSyncOptions {
  /** Tells the roster. */
  port: Pick<RuntimePort, "agents">;
  /** Lists the agents that the gateway has. */
  control: Pick<GatewayControl, "agents">;
  /** Writes `openclaw.json`; the keys' sync has the same one. */
  config: GatewayConfig;
  /** Takes what is found about `AgentsSynced`. */
  conditions: Pick<Conditions, "set">;
  /** How often to ask whether an agent that leaves has been told everything, in milliseconds: 15,000 by default. */
  leavingEveryMs?: number;
  /** Whose time. */
  clock?: Clock;
  /** Gives a number in [0, 1). */
  random?: () => number;
  /** Where log lines go: nowhere by default. */
  logger?: Logger;
}

/**
 * Brings the account's agents to its gateway: their entries in `openclaw.json`, and the files of their workspaces. An agent
 * that was removed stays until its notifications are delivered. A roster that the gateway does not accept leaves the old one
 * in place, and `AgentsSynced` says so.
 */
export function createRosterSync(options: RosterSyncOptions): Sync {
  const { port, control, config, conditions, leavingEveryMs = 15_000 } = options;
  const { clock = systemClock, random = Math.random } = options;
  const { fs, files } = config;
  const logger = scrubbedLogger(options.logger ?? silentLogger);
  const oneByOne = createOneByOne();
  const due = createDue(clock);
  let proven = 0;
  let tries = 0;

  function later(wanted: number, finding: Finding): void {
    conditions.set("AgentsSynced", finding);
    logger.warn({ reason: finding.reason, tries }, "the roster is not synced");
    due.settle([wanted], retryInMs(++tries, random));
  }

  async function bring(wanted: number): Promise<void> {
    let roster: AgentRoster;
    try {
      roster = await port.agents();
    } catch (error) {
      return later(wanted, notToldFinding(error));
    }
    const problem = problemOf(roster);
    if (problem !== null)
      return later(wanted, { status: "false", reason: "RosterInvalid", message: problem });
    let finding: Finding;
    try {
      finding = await apply(roster);
    } catch (error) {
      return later(wanted, findingOf(error));
    }
    if (finding.status !== "true") return later(wanted, finding);
    conditions.set("AgentsSynced", finding);
    tries = 0;
    proven = roster.revision;
    due.settle([wanted, proven], roster.agents.some(({ leaving }) => leaving) ? leavingEveryMs : null);
  }

  async function apply({ agents, revision }: AgentRoster): Promise<Finding> {
    const { workspacesDir } = files;
    const failed: FailedWorkspaces = new Map();
    const { roster: had } = await config.names();
    // A new agent's files come first, so that not even its first run is without them: it waits for as long as they cannot be
    // written. Those of the others come after: a roster that the gateway refuses must change nothing.
    await fs.makeFolder(workspacesDir);
    const isNew = ({ slug }: Agent): boolean => !had.includes(slug);
    await writeWorkspaceFiles(fs, workspacesDir, agents.filter(isNew), failed);
    const slugs = agents.flatMap(({ slug }) => (failed.has(slug) ? [] : [slug]));
    await config.update({ roster: slugs });
    const has = await control.agents();
    // Without any agent of ours the gateway makes one up.
    if (slugs.length > 0 && has.join() !== slugs.toSorted().join())
      return {
        status: "false",
        reason: "AgentsDiffer",
        message: "The gateway runs with the new configuration, and lists other agents.",
        evidence: `wanted: ${slugs.join(", ")}; listed: ${has.join(", ")}`,
      };
    await writeWorkspaceFiles(fs, workspacesDir, agents, failed);
    await removeWorkspaceFiles(fs, workspacesDir, agents, failed);
    if (failed.size > 0) return workspacesFinding(failed);
    const leaving = agents.flatMap(({ slug, leaving: leaves }) => (leaves ? [slug] : []));
    const more =
      leaving.length === 0 ? "" : ` Kept until their notifications are delivered: ${someOf(leaving)}.`;
    logger.info({ revision, agents: slugs.length, leaving: leaving.length }, "the gateway has the roster");
    return {
      status: "true",
      reason: "Synced",
      message: `The gateway has the roster of revision ${revision}.${more}`,
    };
  }

  return {
    sync: ({ wanted, force, signal }) =>
      oneByOne(async () => {
        if (!signal.aborted && (force || due.isDue(wanted))) await bring(wanted);
        return { proven, nextInMs: due.inMs(), ...(tries > 0 && { failed: true }) };
      }),
  };
}

/** What cannot be brought to any gateway: names that would be paths, if a control plane let them through. */
function problemOf({ agents }: AgentRoster): string | null {
  for (const { slug, files } of agents) {
    if (!agentSlug.safeParse(slug).success) return `An agent's slug is not usable: ${shown(slug)}.`;
    const name = Object.keys(files).find((each) => !isFileName(each));
    if (name !== undefined)
      return `A file of agent ${slug} has a name that is not usable: ${shown(name)}. Names are like SOUL.md.`;
  }
  return null;
}

const shown = (text: string): string => JSON.stringify(text.slice(0, 64));

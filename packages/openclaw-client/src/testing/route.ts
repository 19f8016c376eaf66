import { reservedSessionKey } from "../session-namespace.ts";

/** Which agent, or which session; or why there is none. */
export type Routed<T> = T | { problem: string };

const agentId = /^[a-z0-9][a-z0-9_-]{0,63}$/i;
const ambiguous =
  "Multiple agents are configured, but this operation has no explicit owner. Select an agent explicitly; CLI callers can pass --agent <id>, channels can add a binding, and ambient services can set their agentId target.";

/** The agent that a model names, lower-case; null for the only one there is, undefined for none of the gateway's models. */
export function agentOfModel(model: string): string | null | undefined {
  const name = model.trim().toLowerCase();
  if (name === "" || name === "openclaw" || name === "openclaw/default") return null;
  const agent = /^(?:openclaw[:/]|agent:)(.*)$/.exec(name)?.[1] ?? "";
  return agentId.test(agent) ? agent : undefined;
}

/** The agent of a request. The header beats the model, whatever their case; the session key may beat both later. */
export function findAgent(
  headers: Headers,
  model: string,
  agents: readonly string[],
): Routed<{ agent: string }> {
  const named = agentOfModel(model);
  if (named === undefined) return { problem: "Invalid `model`. Use `openclaw` or `openclaw/<agentId>`." };
  const header = headers.get("x-openclaw-agent-id")?.trim() || headers.get("x-openclaw-agent")?.trim();
  const agent = (agentId.test(header ?? "") ? header?.toLowerCase() : header) || named;
  if (agent !== null) return agents.includes(agent) ? { agent } : { problem: `Unknown agent '${agent}'.` };
  const [only, ...others] = agents;
  return only === undefined || others.length > 0 ? { problem: ambiguous } : { agent: only };
}

/** The session that a request asks for. */
export interface AskedSession {
  /** The agent that runs: the key's own, if it has one. */
  agent: string;
  /** Lower-case, as the gateway keeps it; null for a session of its own. */
  sessionKey: string | null;
  /** The gateway stumbles over the key: an internal error. */
  unroutable: boolean;
}

/**
 * The session of a request to `agent`. With several agents a key must name its own, `agent:<id>:…`: any other key, and one
 * of an agent that is unknown, is an internal error and no refusal.
 */
export function findSession(
  headers: Headers,
  agent: string,
  user: string | undefined,
  agents: readonly string[],
): Routed<AskedSession> {
  const key = headers.get("x-openclaw-session-key")?.trim().toLowerCase() ?? "";
  if (reservedSessionKey.test(key))
    return { problem: "`x-openclaw-session-key` cannot use reserved internal session namespaces." };
  if (key.startsWith("agent:")) {
    const owner = /^agent:([^:]+):[^:]/.exec(key)?.[1]?.trim() ?? "";
    return { agent: owner, sessionKey: key, unroutable: !agents.includes(owner) };
  }
  if (key !== "") return { agent, sessionKey: `agent:${agent}:${key}`, unroutable: agents.length > 1 };
  const name = user?.trim().toLowerCase() ?? "";
  const sessionKey = name === "" ? null : `agent:${agent}:openresponses-user:${name}`;
  return { agent, sessionKey, unroutable: false };
}

/** Which agent runs, and in which session. */
export interface Route {
  agent: string;
  /** Lower-case, as the gateway keeps it; null for a session of its own. */
  sessionKey: string | null;
}

/** Why a request has no route; `internal` is a 500 at the real gateway too. */
export interface NoRoute {
  problem: string;
  internal?: true;
}

const reserved = /^(subagent|cron|acp):/;

/**
 * The session key beats the agent header, which beats the model; all of them whatever their case. A header that names an
 * unknown agent is refused whatever the key says; an unknown agent in the key alone is an internal error.
 */
export function findRoute(
  headers: Headers,
  { model, user }: { model: string; user?: string | undefined },
  agents: readonly string[],
): Route | NoRoute {
  const named = /^openclaw(?:[/:](?<agent>.+))?$/i.exec(model);
  if (model !== "" && named === null)
    return { problem: "Invalid `model`. Use `openclaw` or `openclaw/<agentId>`." };

  const key = headers.get("x-openclaw-session-key")?.trim().toLowerCase() ?? "";
  if (reserved.test(key))
    return { problem: "`x-openclaw-session-key` cannot use reserved internal session namespaces." };
  const header = headers.get("x-openclaw-agent-id")?.toLowerCase();
  if (header !== undefined && header !== "default" && !agents.includes(header))
    return { problem: `Unknown agent '${header}'.` };
  const keyAgent = /^agent:([^:]+):./.exec(key)?.[1];
  if (keyAgent !== undefined)
    return agents.includes(keyAgent)
      ? { agent: keyAgent, sessionKey: key }
      : { problem: "internal error", internal: true };

  const asked = header ?? named?.groups?.["agent"]?.toLowerCase() ?? "default";
  const agent = asked === "default" && agents.length === 1 ? (agents[0] ?? asked) : asked;
  if (agent === "default" && !agents.includes(agent))
    return {
      problem:
        "Multiple agents are configured, but this operation has no explicit owner. Select an agent explicitly; CLI callers can pass --agent <id>, channels can add a binding, and ambient services can set their agentId target.",
    };
  if (!agents.includes(agent)) return { problem: `Unknown agent '${agent}'.` };
  if (key !== "") return { agent, sessionKey: `agent:${agent}:${key}` };
  return {
    agent,
    sessionKey: user === undefined ? null : `agent:${agent}:openresponses-user:${user.toLowerCase()}`,
  };
}

import type { RequestBody } from "./request-body.ts";
import type { MockReply } from "./reply.ts";
import type { MockTool } from "./types.ts";

/** The tools that a run has. */
export interface OfferedTools {
  tools: readonly MockTool[];
  /** What it must call: any of them, or this one. */
  required: "any" | { name: string } | null;
}

/** Null when what is to be called is not among the tools. */
export function offerTools({ tools = [], tool_choice: choice = "auto" }: RequestBody): OfferedTools | null {
  if (choice === "auto") return { tools, required: null };
  if (choice === "none") return { tools: [], required: null };
  if (choice === "required") return tools.length === 0 ? null : { tools, required: "any" };
  const name = ("name" in choice ? choice.name : choice.function.name).trim();
  const chosen = tools.filter((tool) => tool.name === name);
  return chosen.length === 0 ? null : { tools: chosen, required: { name } };
}

/** Whether two tools have one name; the gateway sees it only when the run begins. */
export function hasNamesakes(tools: readonly MockTool[]): boolean {
  return new Set(tools.map(({ name }) => name.trim().toLowerCase())).size < tools.length;
}

/** What the gateway says of a run that did not call what it must; null when it did. */
export function unmetChoice({ required }: OfferedTools, { toolCalls = [] }: MockReply): string | null {
  if (required === null) return null;
  if (required === "any")
    return toolCalls.length > 0 ? null : "tool_choice=required was not satisfied by the agent response";
  return toolCalls.some(({ name }) => name === required.name)
    ? null
    : `tool_choice required a ${required.name} tool call, but the agent did not produce one`;
}

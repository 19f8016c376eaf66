import { readMedia } from "./media.ts";
import type { Item, Message, RequestBody } from "./request-body.ts";

/** What the gateway makes of the items of a request. */
export interface Prompt {
  /** The one text that the agent is told; empty for none. */
  message: string;
  /** What goes to the system prompt beside the request's own instructions. */
  instructions: string[];
  /** How many images go along. */
  images: number;
}

interface Entry {
  role: "user" | "assistant" | "tool";
  sender: string;
  body: string;
}

/** Null when the gateway would refuse an image or a file. */
export function buildPrompt(input: RequestBody["input"]): Prompt | null {
  if (typeof input === "string") return { message: input, instructions: [], images: 0 };
  const active = activeMessage(input);
  const media = readMedia(input, active);
  if (media === null) return null;

  const system: string[] = [];
  const entries: Entry[] = [];
  for (const item of input) {
    const entry = entryOf(item, active);
    if (entry !== null) entries.push(entry);
    else if (item.type === "message" && isSystem(item)) system.push(...[textOf(item)].filter(Boolean));
  }
  return { message: flatten(entries), instructions: [...system, ...media.texts], images: media.images };
}

/** The message of the user that the turn is about; its images and files alone are looked at. A tool's answer has none. */
function activeMessage(input: readonly Item[]): Message | undefined {
  const last = input.findLast(
    (item) => item.type === "function_call_output" || (item.type === "message" && item.role === "user"),
  );
  return last?.type === "message" ? last : undefined;
}

const isSystem = ({ role }: Message): boolean => role === "system" || role === "developer";

function textOf({ content }: Message): string {
  if (typeof content === "string") return content.trim();
  const texts = content.map((part) => ("text" in part ? part.text : ""));
  return texts.filter(Boolean).join("\n").trim();
}

function entryOf(item: Item, active: Message | undefined): Entry | null {
  switch (item.type) {
    case "message": {
      if (isSystem(item)) return null;
      const body = textOf(item) || (item === active ? placeholderOf(item) : "");
      if (body === "") return null;
      return item.role === "assistant"
        ? { role: "assistant", sender: "Assistant", body }
        : { role: "user", sender: "User", body };
    }
    case "function_call": {
      const id = item.call_id ?? item.id ?? "";
      const body = `tool_call id=${id} name=${item.name} arguments=${item.arguments}`;
      return { role: "assistant", sender: "Assistant", body };
    }
    case "function_call_output":
      return { role: "tool", sender: `Tool:${item.call_id}`, body: item.output };
    case "reasoning":
    case "item_reference":
      return null;
  }
}

function placeholderOf({ content }: Message): string {
  const has = (type: string) => typeof content !== "string" && content.some((part) => part.type === type);
  if (has("input_image")) return "User sent image(s) with no text.";
  return has("input_file") ? "User sent file(s) with no text." : "";
}

/** A history becomes one text: the last word of a user or a tool below what came before it. What follows it is dropped. */
function flatten(entries: readonly Entry[]): string {
  const asked = entries.findLastIndex(({ role }) => role !== "assistant");
  const at = asked === -1 ? entries.length - 1 : asked;
  const current = entries[at];
  if (current === undefined) return "";
  const lines = entries.slice(0, at).map(({ sender, body }) => `${sender}: ${body}`);
  const last = `${current.sender}: ${current.body}`;
  if (lines.length === 0) return current.role === "tool" ? last : current.body;
  return [
    "[Chat messages since your last reply - for context]",
    ...lines,
    "",
    "[Current message - respond to this]",
    last,
  ].join("\n");
}

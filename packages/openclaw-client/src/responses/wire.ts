import type { ResponseEvent, ReplyItem } from "./events.ts";
import type { TokenUsage, ToolCall } from "../types.ts";

/** The types of the events that end a run. */
export type Ending = "response.completed" | "response.incomplete" | "response.failed";

/** The response object, as far as it is used: a whole answer, or a part of an event. */
export interface ResponseObject {
  id: string;
  status: string;
  model: string;
  text: string;
  toolCalls: ToolCall[];
  usage: TokenUsage;
  incompleteReason: string | null;
  error: { code: string; message: string } | null;
}

/** The gateway's own error, shape A: nothing ran. A failed response is shape B: the agent ran. */
export interface GatewayErrorBody {
  type: string;
  message: string;
}

/** An event as the gateway sends it, in the words of this client; the ending ones still hold the response as it came. */
export type StreamEvent =
  | Exclude<ResponseEvent, { type: Ending }>
  | { type: Ending; response: ResponseObject };

type Json = Record<string, unknown>;

/** The response object of a text; null when it is none. */
export const parseResponseObject = (text: string): ResponseObject | null => toResponse(parseObject(text));

/** The gateway's own error of a text; null when it is none. */
export function parseGatewayError(text: string): GatewayErrorBody | null {
  const { type, message } = toObject(parseObject(text)?.["error"]) ?? {};
  return typeof type === "string" && typeof message === "string" ? { type, message } : null;
}

/** An event: a known one, or whatever else has a type. Null for what has none. */
export function parseStreamEvent(text: string): StreamEvent | null {
  const data = parseObject(text);
  if (data === null || typeof data["type"] !== "string") return null;
  return toEvent(data) ?? { type: "unknown", data };
}

/** Null for what is not known, or not in this shape. */
function toEvent(data: Json): StreamEvent | null {
  const { type, delta, text, item, part, item_id, output_index, content_index } = data;
  const itemId = toText(item_id);
  const outputIndex = toNumber(output_index);
  const contentIndex = toNumber(content_index);
  switch (type) {
    case "response.output_text.delta":
      return typeof delta === "string" ? { type, itemId, outputIndex, contentIndex, delta } : null;
    case "response.output_text.done":
      return typeof text === "string" ? { type, itemId, outputIndex, contentIndex, text } : null;
    case "response.content_part.added":
    case "response.content_part.done": {
      const inner = toObject(part);
      return inner && { type, itemId, outputIndex, contentIndex, text: toText(inner["text"]) };
    }
    case "response.output_item.added":
    case "response.output_item.done": {
      const inner = toItem(item);
      return inner && { type, outputIndex, item: inner };
    }
    case "response.created":
    case "response.in_progress": {
      const response = toResponse(data["response"]);
      return response && { type, response: { id: response.id, model: response.model } };
    }
    case "response.completed":
    case "response.incomplete":
    case "response.failed": {
      const response = toResponse(data["response"]);
      return response && { type, response };
    }
    default:
      return null;
  }
}

function toResponse(value: unknown): ResponseObject | null {
  const { id, status, model, output, usage, error, incomplete_details } = toObject(value) ?? {};
  if (typeof id !== "string" || typeof status !== "string") return null;
  const items = Array.isArray(output) ? output.map(toItem) : [];
  const { input_tokens, output_tokens, total_tokens } = toObject(usage) ?? {};
  const { code, message } = toObject(error) ?? {};
  return {
    id,
    status,
    model: toText(model),
    text: items.map((item) => (item?.type === "message" ? item.text : "")).join(""),
    toolCalls: items
      .filter((item) => item?.type === "function_call")
      .map(({ callId, name, arguments: args }) => ({ callId, name, arguments: args })),
    usage: {
      inputTokens: toNumber(input_tokens),
      outputTokens: toNumber(output_tokens),
      totalTokens: toNumber(total_tokens),
    },
    incompleteReason: toText(toObject(incomplete_details)?.["reason"]) || null,
    error: typeof code === "string" && typeof message === "string" ? { code, message } : null,
  };
}

function toItem(value: unknown): ReplyItem | null {
  const { type, id, content, call_id, name, arguments: args } = toObject(value) ?? {};
  if (typeof type !== "string") return null;
  if (type === "message")
    return {
      type,
      id: toText(id),
      text: Array.isArray(content) ? content.map(toPartText).join("") : "",
    };
  if (type !== "function_call") return { type: "unknown", name: type };
  return { type, id: toText(id), callId: toText(call_id), name: toText(name), arguments: toText(args) };
}

function toPartText(value: unknown): string {
  const { type, text } = toObject(value) ?? {};
  return type === "output_text" ? toText(text) : "";
}

function parseObject(text: string): Json | null {
  try {
    return toObject(JSON.parse(text));
  } catch {
    return null;
  }
}

const toObject = (value: unknown): Json | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;
const toText = (value: unknown): string => (typeof value === "string" ? value : "");
const toNumber = (value: unknown): number => (typeof value === "number" && value >= 0 ? value : 0);

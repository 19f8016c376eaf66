import type { ReplyItem, ReplyPlace, ResponseEvent } from "./events.ts";
import type { Ending, WireEvent, WireItem } from "./wire.ts";

/** An event in the words of this client. */
export function toEvent(event: Exclude<WireEvent, { type: Ending }>): ResponseEvent {
  switch (event.type) {
    case "response.created":
    case "response.in_progress":
      return { type: event.type, response: { id: event.response.id, model: event.response.model } };
    case "response.output_item.added":
    case "response.output_item.done":
      return { type: event.type, outputIndex: event.output_index, item: toItem(event.item) };
    case "response.content_part.added":
    case "response.content_part.done":
      return { type: event.type, ...placeOf(event), text: event.part.text ?? "" };
    case "response.output_text.delta":
      return { type: event.type, ...placeOf(event), delta: event.delta };
    case "response.output_text.done":
      return { type: event.type, ...placeOf(event), text: event.text };
  }
}

function placeOf(event: { item_id: string; output_index: number; content_index: number }): ReplyPlace {
  return { itemId: event.item_id, outputIndex: event.output_index, contentIndex: event.content_index };
}

function toItem(item: WireItem): ReplyItem {
  const { id, call_id: callId = "", name = "", arguments: args = "" } = item;
  if (item.type === "function_call") return { type: "function_call", id, callId, name, arguments: args };
  if (item.type !== "message") return { type: "unknown", name: item.type };
  return { type: "message", id, text: (item.content ?? []).map(({ text = "" }) => text).join("") };
}

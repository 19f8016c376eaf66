import { z } from "zod";

const part = z.object({ type: z.string(), text: z.string().optional() });
const item = z.object({
  type: z.string(),
  id: z.string().catch(""),
  content: z.array(part).optional(),
  call_id: z.string().optional(),
  name: z.string().optional(),
  arguments: z.string().optional(),
});
export type WireItem = z.infer<typeof item>;
const place = { item_id: z.string().catch(""), output_index: z.number().catch(0) };
const partPlace = { ...place, content_index: z.number().catch(0) };
const count = z.number().nonnegative().catch(0);

/** The response object, as far as it is used: a whole answer, or a part of an event. */
const responseObject = z.object({
  id: z.string(),
  status: z.string(),
  model: z.string().catch(""),
  output: z.array(item).catch([]),
  usage: z.object({ input_tokens: count, output_tokens: count, total_tokens: count }).nullish().catch(null),
  incomplete_details: z.object({ reason: z.string() }).nullish().catch(null),
  error: z.object({ code: z.string(), message: z.string() }).nullish().catch(null),
});
export type ResponseObject = z.infer<typeof responseObject>;

/** The gateway's own error, shape A: nothing ran. A failed response is shape B: the agent ran. */
const gatewayError = z.object({
  error: z.object({ type: z.string(), message: z.string(), code: z.string().nullish().catch(null) }),
});
export type GatewayErrorBody = z.infer<typeof gatewayError>["error"];

/** The events that are known. */
const streamEvent = z.discriminatedUnion("type", [
  z.object({
    type: z.enum(["response.created", "response.in_progress"]),
    response: responseObject,
  }),
  z.object({
    type: z.enum(["response.completed", "response.incomplete", "response.failed"]),
    response: responseObject,
  }),
  z.object({
    type: z.enum(["response.output_item.added", "response.output_item.done"]),
    output_index: z.number().catch(0),
    item,
  }),
  z.object({
    type: z.enum(["response.content_part.added", "response.content_part.done"]),
    ...partPlace,
    part,
  }),
  z.object({ type: z.literal("response.output_text.delta"), ...partPlace, delta: z.string() }),
  z.object({ type: z.literal("response.output_text.done"), ...partPlace, text: z.string() }),
]);
export type WireEvent = z.infer<typeof streamEvent>;
/** The types of the events that end a run. */
export type Ending = "response.completed" | "response.incomplete" | "response.failed";
const unknownEvent = z.looseObject({ type: z.string() });

export const parseResponseObject = (text: string): ResponseObject | null => parseJson(responseObject, text);
export const parseGatewayError = (text: string): GatewayErrorBody | null =>
  parseJson(gatewayError, text)?.error ?? null;

/** An event: a known one, or whatever else has a type. Null for what has none. */
export function parseStreamEvent(
  text: string,
): WireEvent | { type: "unknown"; data: Record<string, unknown> } | null {
  const event = parseJson(unknownEvent, text);
  if (event === null) return null;
  return streamEvent.safeParse(event).data ?? { type: "unknown", data: event };
}

function parseJson<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

import { z } from "zod";

const part = z.object({ type: z.string(), text: z.string().optional() });
const item = z.object({ type: z.string(), content: z.array(part).optional() });
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

/** The events that are looked at; the others only show that there is life. */
const streamEvent = z.discriminatedUnion("type", [
  z.object({
    type: z.enum([
      "response.created",
      "response.in_progress",
      "response.completed",
      "response.incomplete",
      "response.failed",
    ]),
    response: responseObject,
  }),
  z.object({ type: z.literal("response.output_text.delta"), delta: z.string() }),
]);
export type StreamEvent = z.infer<typeof streamEvent>;

export const parseResponseObject = (text: string): ResponseObject | null => parseJson(responseObject, text);
export const parseGatewayError = (text: string): GatewayErrorBody | null =>
  parseJson(gatewayError, text)?.error ?? null;
export const parseStreamEvent = (text: string): StreamEvent | null => parseJson(streamEvent, text);

function parseJson<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

import type { InputItem, InputPart, ResponseRequest } from "./request.ts";
import { toolDefinition } from "./tool-definition.ts";

/** The body of `POST /v1/responses`; always a stream, so that whoever drops idle connections sees life. */
export function requestBody(given: ResponseRequest): Record<string, unknown> {
  const { agent, input, tools, toolChoice } = given;
  // What is undefined is left out by JSON.
  return {
    model: `openclaw/${agent}`,
    input: typeof input === "string" ? input : input.map(wireItem),
    instructions: given.instructions,
    user: given.user,
    tools: tools?.map(toolDefinition),
    tool_choice: typeof toolChoice === "object" ? { type: "function", name: toolChoice.name } : toolChoice,
    max_output_tokens: given.maxOutputTokens,
    temperature: given.temperature,
    top_p: given.topP,
    metadata: given.metadata,
    previous_response_id: given.previousResponseId,
    stream: true,
  };
}

/** What must not come back in an error. The bytes of files are left out: nobody quotes them, and they are long. */
export function privateTexts(given: ResponseRequest): string[] {
  const { input, instructions = "", sessionKey = "", user = "", metadata = {}, headers = {} } = given;
  return [
    instructions,
    sessionKey,
    user,
    ...Object.values(metadata),
    ...Object.values(headers),
    ...(typeof input === "string" ? [input] : input.flatMap(textsOf)),
  ];
}

function textsOf(one: InputItem): string[] {
  if (one.type === "function_call") return [one.arguments];
  if (one.type === "function_call_output") return [one.output];
  if (typeof one.content === "string") return [one.content];
  return one.content.flatMap((piece) => {
    if ("text" in piece) return [piece.text];
    return piece.source.type === "url" ? [piece.source.url] : [piece.source.filename ?? ""];
  });
}

function wireItem(one: InputItem): object {
  if (one.type === "message")
    return { ...one, content: typeof one.content === "string" ? one.content : one.content.map(wirePart) };
  const { callId, ...rest } = one;
  return { ...rest, call_id: callId };
}

function wirePart(piece: InputPart): object {
  if ("text" in piece || piece.source.type === "url") return piece;
  const { mediaType, ...rest } = piece.source;
  return { type: piece.type, source: { ...rest, media_type: mediaType } };
}

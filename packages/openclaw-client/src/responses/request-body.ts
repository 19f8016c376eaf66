import { InvalidInputError, parse } from "@lobstercontrol/core";
import { z } from "zod";
import { headerValue } from "../header-value.ts";
import type { InputItem, InputPart, ResponseRequest } from "./request.ts";
import { toolDefinition } from "./tool-definition.ts";

const source = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("url"), url: z.url() }),
  z.strictObject({
    type: z.literal("base64"),
    mediaType: z.string().min(1),
    data: z.string().min(1),
    filename: z.string().optional(),
  }),
]);
const part = z.discriminatedUnion("type", [
  z.strictObject({ type: z.enum(["input_text", "output_text"]), text: z.string() }),
  z.strictObject({ type: z.enum(["input_image", "input_file"]), source }),
]);
const item = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("message"),
    role: z.enum(["user", "assistant", "system", "developer"]),
    content: z.union([z.string(), z.array(part)]),
  }),
  z.strictObject({
    type: z.literal("function_call"),
    callId: z.string().min(1),
    name: z.string(),
    arguments: z.string(),
  }),
  z.strictObject({
    type: z.literal("function_call_output"),
    callId: z.string().min(1),
    output: z.string(),
  }),
]);
const choice = z.union([z.enum(["auto", "none", "required"]), z.strictObject({ name: z.string().min(1) })]);

/** As strict as the gateway, by the names of this client. */
const request = z.strictObject({
  agent: z.string().min(1),
  sessionKey: z
    .string()
    .refine(
      (key) => !/^(subagent|cron|acp):/i.test(key),
      "is in a namespace that the gateway keeps for itself",
    )
    .optional(),
  user: z.string().min(1).optional(),
  input: z.union([z.string().min(1), z.array(item).min(1)]),
  instructions: z.string().optional(),
  tools: z.array(z.unknown()).optional(),
  toolChoice: choice.optional(),
  maxOutputTokens: z.int().positive().optional(),
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().min(0).max(1).optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  previousResponseId: z.string().optional(),
  model: z.string().min(1).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  signal: z.unknown().optional(),
  timeoutMs: z.number().nonnegative().optional(),
  idleTimeoutMs: z.number().positive().optional(),
});

/**
 * Refuses what the gateway would refuse, or misread without a word.
 *
 * @throws {InvalidInputError} `ERR_INVALID_INPUT`, with the field named and its value left out
 */
export function checkRequest(given: ResponseRequest): void {
  const { input, sessionKey, user, tools = [], toolChoice } = given;
  // Told apart before the union is asked: its own message would name neither item nor field.
  if (Array.isArray(input)) for (const [at, one] of input.entries()) checkItem(one, `input.${at}`);
  parse(request, given, "request");
  headerValue("agent", given.agent);
  if (sessionKey !== undefined) headerValue("sessionKey", sessionKey);
  if (given.model !== undefined) headerValue("model", given.model);
  if ((sessionKey === undefined) === (user === undefined))
    throw new InvalidInputError({ field: "sessionKey", problem: "either it or user must be given" });
  if (Array.isArray(input) && !input.some(speaks))
    throw new InvalidInputError({ field: "input", problem: "has nothing to answer" });
  if (typeof toolChoice === "object" && !tools.some(({ name }) => name === toolChoice.name))
    throw new InvalidInputError({ field: "toolChoice", problem: "names none of the tools" });
  if (toolChoice === "required" && tools.length === 0)
    throw new InvalidInputError({ field: "toolChoice", problem: "requires a tool, and there is none" });
}

function checkItem(one: InputItem, field: string): void {
  if (one?.type === "message" && Array.isArray(one.content))
    for (const [at, piece] of one.content.entries()) parse(part, piece, `${field}.content.${at}`);
  parse(item, one, field);
}

/** Whether an item gives the agent something to answer; what goes to the system prompt does not. */
function speaks(one: InputItem): boolean {
  if (one.type !== "message") return true;
  return one.role !== "system" && one.role !== "developer" && one.content.length > 0;
}

/** The body of `POST /v1/responses`; always a stream, so that whoever drops idle connections sees life. */
export function requestBody(given: ResponseRequest): Record<string, unknown> {
  const { agent, input, tools, toolChoice } = given;
  const body: Record<string, unknown> = {
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
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
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

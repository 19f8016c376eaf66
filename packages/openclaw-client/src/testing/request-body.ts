import { z } from "zod";

const item = z.looseObject({ type: z.string() });
const userMessage = z.object({
  type: z.literal("message"),
  role: z.literal("user"),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))]),
});

const toolOutput = z.object({
  type: z.literal("function_call_output"),
  call_id: z.string(),
  output: z.string(),
});

/** The keys that the gateway takes; any other is refused. */
const requestBody = z.strictObject({
  model: z.string(),
  input: z.union([z.string(), z.array(item)]),
  instructions: z.string().optional(),
  stream: z.boolean().optional(),
  user: z.string().optional(),
  max_output_tokens: z.number().positive().optional(),
  max_tool_calls: z.number().optional(),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().min(0).max(1).optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  store: z.boolean().optional(),
  previous_response_id: z.string().optional(),
  tools: z.array(z.unknown()).optional(),
  tool_choice: z.unknown().optional(),
  text: z.unknown().optional(),
  reasoning: z.unknown().optional(),
  truncation: z.unknown().optional(),
});
export type RequestBody = z.infer<typeof requestBody>;

/** The body, or what the gateway would say is wrong with it: the first problem alone. */
export function parseRequestBody(text: string): { body: RequestBody } | { problem: string } {
  let json: unknown;
  try {
    json = text.trim() === "" ? {} : JSON.parse(text);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : "invalid JSON" };
  }
  const result = requestBody.safeParse(json);
  if (result.success) return { body: result.data };
  const issue = result.error.issues[0];
  return { problem: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "Invalid input"}` };
}

/** What the user says, and what their tools gave: a history in items becomes one text, as at the gateway. */
export function userText(input: RequestBody["input"]): string {
  if (typeof input === "string") return input;
  return input
    .map((value) => {
      const answered = toolOutput.safeParse(value).data;
      if (answered !== undefined) return `Tool:${answered.call_id}: ${answered.output}`;
      return userMessage.safeParse(value).data?.content ?? "";
    })
    .map((content) =>
      typeof content === "string" ? content : content.map((part) => part.text ?? "").join(""),
    )
    .filter((text) => text !== "")
    .join("\n");
}

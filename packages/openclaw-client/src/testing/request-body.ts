import { z } from "zod";

const text = z.string();
const itemStatus = z.enum(["in_progress", "completed", "incomplete"]).optional();
const urlSource = z.object({ type: z.literal("url"), url: z.url() });

const part = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("input_text"), text }),
  z.strictObject({ type: z.literal("output_text"), text }),
  z.strictObject({
    type: z.literal("input_image"),
    source: z.discriminatedUnion("type", [
      urlSource,
      z.object({
        type: z.literal("base64"),
        media_type: z.enum([
          "image/jpeg",
          "image/png",
          "image/gif",
          "image/webp",
          "image/heic",
          "image/heif",
        ]),
        data: z.string().min(1),
      }),
    ]),
  }),
  z.strictObject({
    type: z.literal("input_file"),
    source: z.discriminatedUnion("type", [
      urlSource,
      z.object({
        type: z.literal("base64"),
        media_type: z.string().min(1),
        data: z.string().min(1),
        filename: text.optional(),
      }),
    ]),
  }),
]);
export type Part = z.infer<typeof part>;

const message = z
  .strictObject({
    type: z.literal("message"),
    id: text.optional(),
    role: z.enum(["system", "developer", "user", "assistant"]),
    content: z.union([text, z.array(part)]),
    phase: z.enum(["commentary", "final_answer"]).optional(),
    status: itemStatus,
  })
  .refine(({ phase, role }) => phase === undefined || role === "assistant", {
    path: ["phase"],
    message: "`phase` is only valid on assistant messages.",
  });
export type Message = z.infer<typeof message>;

const item = z.discriminatedUnion("type", [
  message,
  z.strictObject({
    type: z.literal("function_call"),
    id: text.optional(),
    call_id: text.optional(),
    name: text,
    arguments: text,
    status: itemStatus,
  }),
  z.strictObject({ type: z.literal("function_call_output"), call_id: text, output: text }),
  z.strictObject({
    type: z.literal("reasoning"),
    content: text.optional(),
    encrypted_content: text.optional(),
    summary: text.optional(),
  }),
  z.strictObject({ type: z.literal("item_reference"), id: text }),
]);
export type Item = z.infer<typeof item>;

const tool = z.strictObject({
  type: z.literal("function"),
  name: z.string().min(1, "Tool name cannot be empty"),
  description: text.optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  strict: z.boolean().optional(),
});

const toolChoice = z.union([
  z.enum(["auto", "none", "required"]),
  z.strictObject({ type: z.literal("function"), name: z.string().min(1) }),
  z.strictObject({ type: z.literal("function"), function: z.object({ name: z.string().min(1) }) }),
]);

/** The keys that the gateway takes, in the order in which it looks at them; any other is refused. */
const requestBody = z.strictObject({
  model: text,
  input: z.union([text, z.array(item)]),
  instructions: text.optional(),
  tools: z.array(tool).optional(),
  tool_choice: toolChoice.optional(),
  text: z.strictObject({ format: z.strictObject({ type: z.literal("text") }) }).optional(),
  stream: z.boolean().optional(),
  max_output_tokens: z.int().positive().optional(),
  max_tool_calls: z.int().positive().optional(),
  user: text.optional(),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().min(0).max(1).optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  store: z.boolean().optional(),
  previous_response_id: text.optional(),
  reasoning: z
    .object({
      effort: z.enum(["low", "medium", "high"]).optional(),
      summary: z.enum(["auto", "concise", "detailed"]).optional(),
    })
    .optional(),
  truncation: z.enum(["auto", "disabled"]).optional(),
});
export type RequestBody = z.infer<typeof requestBody>;

/** The body, or what the gateway would say is wrong with it: the first problem alone. */
export function parseRequestBody(body: string): { body: RequestBody } | { problem: string } {
  const trimmed = body.trim();
  let json: unknown;
  try {
    json = trimmed === "" ? {} : JSON.parse(trimmed);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : "invalid JSON" };
  }
  const result = requestBody.safeParse(json);
  if (result.success) return { body: result.data };
  const issue = result.error.issues[0];
  return { problem: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "Invalid input"}` };
}

/** What one response is made of, on the wire. */
export interface ResponseDraft {
  responseId: string;
  itemId: string;
  createdAt: number;
  model: string;
}

const encoder = new TextEncoder();

function usage(input: number, output: number): object {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + output,
  };
}

function responseObject(draft: ResponseDraft, status: string, rest: object = {}): object {
  const { responseId: id, createdAt, model } = draft;
  return {
    id,
    object: "response",
    created_at: createdAt,
    status,
    model,
    output: [],
    usage: usage(0, 0),
    ...rest,
  };
}

function event(type: string, fields: object): Uint8Array {
  return encoder.encode(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`);
}

/** The end of every stream. */
export const doneEvent = encoder.encode("data: [DONE]\n\n");

/** How a run ended well. */
export interface Ending {
  text: string;
  truncated?: boolean;
  toolCalls?: readonly { callId: string; name: string; arguments: string }[];
}

/** The whole response of a run that ended well, as one answer: a call has no status there, and no empty message before it. */
export function endedResponse(draft: ResponseDraft, ending: Ending): object {
  const message = ending.text === "" && hasCalls(ending) ? [] : [messageItem(draft, ending)];
  return wholeResponse(draft, ending, [...message, ...callItems(draft, ending)]);
}

function wholeResponse(draft: ResponseDraft, { truncated = false }: Ending, output: object[]): object {
  return responseObject(draft, truncated ? "incomplete" : "completed", {
    output,
    usage: usage(11, 7),
    ...(truncated ? { incomplete_details: { reason: "max_output_tokens" } } : {}),
  });
}

function hasCalls({ toolCalls = [] }: Ending): boolean {
  return toolCalls.length > 0;
}

function messageItem(draft: ResponseDraft, ending: Ending): object {
  return {
    type: "message",
    id: draft.itemId,
    role: "assistant",
    content: [{ type: "output_text", text: ending.text }],
    phase: hasCalls(ending) ? "commentary" : "final_answer",
    status: ending.truncated === true ? "incomplete" : "completed",
  };
}

function callItems(draft: ResponseDraft, { toolCalls = [] }: Ending): object[] {
  return toolCalls.map(({ callId, name, arguments: args }, at) => ({
    type: "function_call",
    id: `${draft.itemId.replace("msg_", "call_")}-${at}`,
    call_id: callId,
    name,
    arguments: args,
  }));
}

/** The whole response of a run that failed: shape B. */
export function failedResponse(
  draft: ResponseDraft,
  { code, message }: { code: string; message: string },
): object {
  return responseObject(draft, "failed", { error: { code, message } });
}

/** The four events that open a stream, before the run's turn has come. */
export function openingEvents(draft: ResponseDraft): Uint8Array[] {
  const response = responseObject(draft, "in_progress");
  return [
    event("response.created", { response }),
    event("response.in_progress", { response }),
    event("response.output_item.added", {
      output_index: 0,
      item: { type: "message", id: draft.itemId, role: "assistant", content: [], status: "in_progress" },
    }),
    event("response.content_part.added", { ...place(draft), part: { type: "output_text", text: "" } }),
  ];
}

/** What follows on the opening when a run ends well; {@link doneEvent} comes last. */
export function* closingEvents(draft: ResponseDraft, ending: Ending): Generator<Uint8Array> {
  const { text, truncated = false } = ending;
  yield* deltaEvents(draft, text);
  const part = { type: "output_text", text };
  const message = messageItem(draft, ending);
  yield event("response.output_text.done", { ...place(draft), text });
  yield event("response.content_part.done", { ...place(draft), part });
  yield event("response.output_item.done", { output_index: 0, item: message });
  const output = [message];
  for (const item of callItems(draft, ending)) {
    const called = { ...item, status: "completed" };
    yield event("response.output_item.added", { output_index: output.length, item });
    yield event("response.output_item.done", { output_index: output.length, item: called });
    output.push(called);
  }
  const status = truncated ? "incomplete" : "completed";
  yield event(`response.${status}`, { response: wholeResponse(draft, ending, output) });
}

/** A text, piece by piece. */
export function* deltaEvents(draft: ResponseDraft, text: string): Generator<Uint8Array> {
  // Twelve characters like the lab's provider, but no million events for a long text.
  const size = Math.max(12, Math.ceil(text.length / 64));
  for (let start = 0; start < text.length; start += size)
    yield event("response.output_text.delta", { ...place(draft), delta: text.slice(start, start + size) });
}

/** What a run ends with that fails: nothing is closed first. {@link doneEvent} comes last. */
export function failedEvent(draft: ResponseDraft, error: { code: string; message: string }): Uint8Array {
  return event("response.failed", { response: failedResponse(draft, error) });
}

function place({ itemId }: ResponseDraft): object {
  return { item_id: itemId, output_index: 0, content_index: 0 };
}

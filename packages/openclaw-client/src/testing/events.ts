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

const done = encoder.encode("data: [DONE]\n\n");

/** The whole response of a run that ended well. */
export function endedResponse(draft: ResponseDraft, text: string, truncated: boolean): object {
  const status = truncated ? "incomplete" : "completed";
  const content = [{ type: "output_text", text }];
  return responseObject(draft, status, {
    output: [
      { type: "message", id: draft.itemId, role: "assistant", content, phase: "final_answer", status },
    ],
    usage: usage(11, 7),
    ...(truncated ? { incomplete_details: { reason: "max_output_tokens" } } : {}),
  });
}

/** The whole response of a run that failed: shape B. */
export function failedResponse(draft: ResponseDraft, error: { code: string; message: string }): object {
  return responseObject(draft, "failed", { error });
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

/** What follows on the opening when a run ends well. */
export function* closingEvents(
  draft: ResponseDraft,
  text: string,
  truncated: boolean,
): Generator<Uint8Array> {
  const status = truncated ? "incomplete" : "completed";
  // Twelve characters like the lab's provider, but no million events for a long text.
  const size = Math.max(12, Math.ceil(text.length / 64));
  for (let start = 0; start < text.length; start += size)
    yield event("response.output_text.delta", { ...place(draft), delta: text.slice(start, start + size) });
  const part = { type: "output_text", text };
  yield event("response.output_text.done", { ...place(draft), text });
  yield event("response.content_part.done", { ...place(draft), part });
  yield event("response.output_item.done", {
    output_index: 0,
    item: {
      type: "message",
      id: draft.itemId,
      role: "assistant",
      content: [part],
      phase: "final_answer",
      status,
    },
  });
  yield event(`response.${status}`, { response: endedResponse(draft, text, truncated) });
  yield done;
}

/** What follows on the opening when a run fails. */
export function* failureEvents(
  draft: ResponseDraft,
  error: { code: string; message: string },
): Generator<Uint8Array> {
  yield event("response.failed", { response: failedResponse(draft, error) });
  yield done;
}

function place({ itemId }: ResponseDraft): object {
  return { item_id: itemId, output_index: 0, content_index: 0 };
}

/** What the bench's gateway answers: the events of fixtures/openclaw-2026.9.6/03-stream.txt, in that order, with other texts. */

/** One reply, and how its bytes are cut into the chunks of `Transfer-Encoding: chunked`. */
export interface Reply {
  /** The deltas that the text comes in. */
  deltas: readonly string[];
  /** Bytes of a chunk, whatever is in it; a chunk for each event, as the gateway sends them, when there is none. */
  chunkBytes?: number;
  /** How long the reply rests after its first delta. */
  restMs?: number;
}

const small = Array.from({ length: 20_000 }, (_, at) => (at % 40 === 0 ? "of the draft—" : "of the draft"));

/** By the first part of the path that is asked. */
export const replies = {
  short: { deltas: ["Bea, the dra", "ft reads wel", "l. 🦞"] },
  first: { deltas: ["Bea, the dra", "ft reads wel", "l. 🦞"], restMs: 5 },
  deltas: { deltas: small },
  packed: { deltas: small, chunkBytes: 16_384 },
  large: { deltas: Array.from({ length: 16 }, () => "lobster ".repeat(32_768)), chunkBytes: 16_384 },
} satisfies Record<string, Reply>;

export type ReplyName = keyof typeof replies;

const id = "resp_473c2224-3cab-453f-8265-547f2ba611dd";
const itemId = "msg_3c0a09ca-998b-49b1-8f73-e6fcb2ad2a02";
const place = { item_id: itemId, output_index: 0, content_index: 0 };

function responseObject(status: string, output: object[], tokens: number): object {
  const usage = {
    input_tokens: tokens,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: tokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: tokens * 2,
  };
  return { id, object: "response", created_at: 1_795_354_135, status, model: "openclaw", output, usage };
}

function messageOf(text: string): object {
  const content = [{ type: "output_text", text }];
  return {
    type: "message",
    id: itemId,
    role: "assistant",
    content,
    phase: "final_answer",
    status: "completed",
  };
}

const event = (type: string, fields: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;

/** The events of a run: up to the first delta, and the rest. */
export function eventsOf({ deltas }: Reply): [string[], string[]] {
  const text = deltas.join("");
  const begun = responseObject("in_progress", [], 0);
  const item = { type: "message", id: itemId, role: "assistant", content: [], status: "in_progress" };
  const [first = "", ...others] = deltas.map((delta) =>
    event("response.output_text.delta", { ...place, delta }),
  );
  return [
    [
      event("response.created", { response: begun }),
      event("response.in_progress", { response: begun }),
      event("response.output_item.added", { output_index: 0, item }),
      event("response.content_part.added", { ...place, part: { type: "output_text", text: "" } }),
      first,
    ],
    [
      ...others,
      event("response.output_text.done", { ...place, text }),
      event("response.content_part.done", { ...place, part: { type: "output_text", text } }),
      event("response.output_item.done", { output_index: 0, item: messageOf(text) }),
      event("response.completed", { response: responseObject("completed", [messageOf(text)], 9) }),
      "data: [DONE]\n\n",
    ],
  ];
}

/** The same run as one JSON answer. */
export function wholeOf({ deltas }: Reply): string {
  return JSON.stringify(responseObject("completed", [messageOf(deltas.join(""))], 9));
}

import type { ServerResponse } from "node:http";

/** One answer of the model. */
export interface Completion {
  /** Its id, unique in one server. */
  id: string;
  /** The model that was asked for. */
  model: string;
  /** What it says. */
  reply: string;
  /** `length` for a reply that was cut. */
  finish: "stop" | "length";
}

const usage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };
const created = 1_700_000_000;
const pieceCharacters = 24;

/** Sends the answer whole. */
export function sendCompletion(response: ServerResponse, { id, model, reply, finish }: Completion): void {
  const message = { role: "assistant", content: reply };
  const choices = [{ index: 0, message, finish_reason: finish }];
  sendJson(response, 200, { id, object: "chat.completion", created, model, usage, choices });
}

/** Sends the answer as server-sent events, a few words at a time. */
export function streamCompletion(response: ServerResponse, { id, model, reply, finish }: Completion): void {
  const chunk = (rest: object) => {
    response.write(
      `data: ${JSON.stringify({ id, object: "chat.completion.chunk", created, model, ...rest })}\n\n`,
    );
  };
  const delta = (content: object, finishReason: string | null = null) =>
    chunk({ choices: [{ index: 0, delta: content, finish_reason: finishReason }] });

  response.writeHead(200, { "content-type": "text/event-stream" });
  delta({ role: "assistant", content: "" });
  for (let at = 0; at < reply.length; at += pieceCharacters)
    delta({ content: reply.slice(at, at + pieceCharacters) });
  delta({}, finish);
  chunk({ choices: [], usage });
  response.end("data: [DONE]\n\n");
}

/** Sends an error as OpenAI shapes it. */
export function sendError(response: ServerResponse, status: number, message: string): void {
  sendJson(response, status, { error: { message, type: "model_provider_error", code: String(status) } });
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

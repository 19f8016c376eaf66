import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** One answer of the model. */
export interface Completion {
  /** Its id, unique in one server. */
  id: string;
  /** The model that was asked for. */
  model: string;
  /** What it says. */
  reply: string;
  /** The tool that it wants called, in place of a reply. */
  tool?: { name: string; arguments: string };
  /** `length` for a reply that was cut. */
  finish: "stop" | "length";
  /** Milliseconds between the pieces of a stream. */
  gapMs: number;
}

const usage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };
const created = 1_700_000_000;
const pieceCharacters = 24;

/** Sends the answer whole. */
export function sendCompletion(response: ServerResponse, completion: Completion): void {
  const { id, model, reply } = completion;
  const message = { role: "assistant", content: reply, ...toolCalls(completion) };
  const choices = [{ index: 0, message, finish_reason: finishOf(completion) }];
  sendJson(response, 200, { id, object: "chat.completion", created, model, usage, choices });
}

/** Sends the answer as server-sent events, a few words at a time, until whoever listens hangs up. */
export async function streamCompletion(response: ServerResponse, completion: Completion): Promise<void> {
  const { id, model, reply, gapMs } = completion;
  const chunk = (rest: object) => {
    response.write(
      `data: ${JSON.stringify({ id, object: "chat.completion.chunk", created, model, ...rest })}\n\n`,
    );
  };
  const delta = (content: object, finishReason: string | null = null) =>
    chunk({ choices: [{ index: 0, delta: content, finish_reason: finishReason }] });

  response.writeHead(200, { "content-type": "text/event-stream" });
  delta({ role: "assistant", content: "", ...toolCalls(completion) });
  for (let at = 0; at < reply.length && !response.destroyed; at += pieceCharacters) {
    delta({ content: reply.slice(at, at + pieceCharacters) });
    if (gapMs > 0) await sleep(gapMs);
  }
  delta({}, finishOf(completion));
  chunk({ choices: [], usage });
  response.end("data: [DONE]\n\n");
}

function toolCalls({ id, tool }: Completion): object {
  return tool === undefined
    ? {}
    : { tool_calls: [{ index: 0, id: `call_${id}`, type: "function", function: tool }] };
}

function finishOf({ tool, finish }: Completion): string {
  return tool === undefined ? finish : "tool_calls";
}

/** Sends an error as OpenAI shapes it. */
export function sendError(response: ServerResponse, status: number, message: string): void {
  sendJson(response, status, { error: { message, type: "model_provider_error", code: String(status) } });
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

import type { RunFailedError } from "../errors/run.ts";
import type { AgentResponse } from "../types.ts";

/** Where in a reply something belongs. */
export interface ReplyPlace {
  /** The gateway's id of the item. */
  itemId: string;
  /** The item's place in the reply, from 0. */
  outputIndex: number;
  /** The part's place in the item, from 0. */
  contentIndex: number;
}

/** An item of a reply, as far as it is there. */
export type ReplyItem =
  | { type: "message"; id: string; text: string }
  | { type: "function_call"; id: string; callId: string; name: string; arguments: string }
  | { type: "unknown"; name: string };

/** A run that has begun. */
export interface StartedResponse {
  /** The gateway's id of the run. */
  id: string;
  /** The model as the gateway names it. */
  model: string;
}

/**
 * What a stream tells, by `type`. `unknown` is an event that this client does not know, or not in this shape: `data` is
 * what came, unchecked. What is no JSON object with a `type` is skipped.
 *
 * `response.completed`, `response.incomplete` and `response.failed` come last; after `response.failed`, its error is thrown.
 */
export type ResponseEvent =
  | { type: "response.created" | "response.in_progress"; response: StartedResponse }
  | { type: "response.output_item.added" | "response.output_item.done"; outputIndex: number; item: ReplyItem }
  | ({ type: "response.content_part.added" | "response.content_part.done"; text: string } & ReplyPlace)
  | ({ type: "response.output_text.delta"; delta: string } & ReplyPlace)
  | ({ type: "response.output_text.done"; text: string } & ReplyPlace)
  | { type: "response.completed" | "response.incomplete"; response: AgentResponse }
  | { type: "response.failed"; error: RunFailedError }
  | { type: "unknown"; data: Record<string, unknown> };

/**
 * One run's events; made by `responses.stream`. It can be read once: the loops over it, over `text`, and `final()` share
 * what comes. Leaving a loop early aborts the run. Failures are thrown as `OpenClawError` from the loop and from `final()`.
 */
export interface ResponseStream extends AsyncIterable<ResponseEvent> {
  /** The reply's text alone, piece by piece. */
  readonly text: AsyncIterable<string>;
  /**
   * Reads what is left, and gives the reply.
   *
   * @throws {OpenClawError} when the run did not end well
   * @throws {InvalidInputError} `ERR_INVALID_INPUT` when the gateway would refuse a parameter, which is named
   */
  final(): Promise<AgentResponse>;
  /** Hangs up; the gateway then stops the run. Whoever reads gets a `RunAbortedError`. Nothing happens after the end. */
  abort(): void;
}

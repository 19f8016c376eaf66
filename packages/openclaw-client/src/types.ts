import type { Clock, Logger, Secret } from "@lobstercontrol/core";
import type { ResponseStream } from "./responses/events.ts";
import type { ResponseRequest } from "./responses/request.ts";

/** How {@link createOpenClawClient} is set up. */
export interface OpenClawClientOptions extends TelemetryHooks {
  /** Where the gateway listens, such as `http://127.0.0.1:18789`. A path in it is kept. */
  baseUrl: string | URL;
  /** The gateway's token. */
  token: Secret | string;
  /** Sends every request. Default: the global `fetch`. */
  fetch?: typeof globalThis.fetch;
  /** Where log lines go, without token, input or session key. Default: nowhere. */
  logger?: Logger;
  /**
   * How often a request is sent again that certainly did not run: because the gateway was not reached, or refused it while
   * it starts or stops, or is asked too often. Whatever may have run is never sent again. Default: 2; the wait grows from
   * half a second, is random, and is at least what the gateway asks for. It counts as a part of `timeoutMs`.
   */
  retries?: number;
  /** Measures times and timeouts. Default: the machine's clock. */
  clock?: Clock;
  /** Gives a number in [0, 1) for the waits before retries. */
  random?: () => number;
}

/**
 * Told what happens, for metrics and traces. None of them is told the token, the input or the session key, and whatever
 * they throw or reject with is ignored.
 */
export interface TelemetryHooks {
  /** A run's request is about to be sent; `attempt` is 1 for the first time. */
  onRequest?: (info: { agent: string; method: "POST"; path: "/v1/responses"; attempt: number }) => unknown;
  /** The headers of the answer have come, `durationMs` milliseconds after the request went out. */
  onResponse?: (info: { agent: string; status: number; durationMs: number; attempt: number }) => unknown;
  /** An event of the stream has come; `type` is that of the event that `responses.stream` gives. */
  onEvent?: (info: { agent: string; type: string }) => unknown;
}

/** A client of one gateway; made by {@link createOpenClawClient}. */
export interface OpenClawClient {
  /** Runs of agents. */
  responses: Responses;
  /**
   * Looks at the gateway without starting a run. It does not throw because the gateway is down, but says so.
   *
   * @param parameters how long to look
   */
  probe(parameters?: ProbeParameters): Promise<GatewayProbe>;
  /**
   * The slugs of the agents that the gateway has, as `GET /v1/models` lists them.
   *
   * @param parameters how long to wait
   * @throws {OpenClawError} when the gateway did not tell
   */
  models(parameters?: ProbeParameters): Promise<string[]>;
}

/** Runs of agents. */
export interface Responses {
  /**
   * Tells an agent something and waits until its run has ended. It streams on the wire all the same.
   *
   * A request that may have run is never sent again (promise 6), and what certainly did not run is so only as often as
   * `retries` says. Whether you may send it again is told by the error's `outcome`.
   *
   * @throws {OpenClawError} whatever went wrong, by one of its subclasses
   * @throws {InvalidInputError} `ERR_INVALID_INPUT` when the gateway would refuse a parameter, which is named
   */
  create(request: ResponseRequest): Promise<AgentResponse>;
  /**
   * Tells an agent something and gives what comes back as it comes. Nothing is checked or sent before it is first read.
   *
   * @example
   * ```ts
   * import { createOpenClawClient, sessionKey } from "@lobstercontrol/openclaw-client";
   *
   * const client = createOpenClawClient({ baseUrl: "http://127.0.0.1:18789", token: "correct horse" });
   * const stream = client.responses.stream({
   *   agent: "writer",
   *   sessionKey: sessionKey({ account: "acme", agent: "writer", thread: "t1", epoch: 0 }),
   *   input: "Bea asks for a title.",
   * });
   * for await (const event of stream)
   *   if (event.type === "response.output_text.delta") console.log(event.delta);
   * console.log((await stream.final()).usage);
   * ```
   */
  stream(request: ResponseRequest): ResponseStream;
}

/** How a run ended well. */
export interface AgentResponse {
  /** The gateway's id of the run. */
  id: string;
  /** `incomplete` when a limit cut the reply. */
  status: "completed" | "incomplete";
  /** What the agent said; empty when it said nothing. */
  text: string;
  /** Which limit cut the reply, such as `max_output_tokens`; null when none did. */
  incompleteReason: string | null;
  /** What the run cost. */
  usage: TokenUsage;
  /** The model as the gateway names it. */
  model: string;
  /** The tools that the agent wants called, in its order. Answer with a `function_call_output` for each. */
  toolCalls: ToolCall[];
}

/** A tool that the agent wants called. */
export interface ToolCall {
  /** Names the call in the `function_call_output` that answers it. */
  callId: string;
  /** The tool. */
  name: string;
  /** JSON, as the model wrote it: it may be none, or not be what the tool's schema asks for. */
  arguments: string;
}

/** What a run cost, as the gateway counts it. */
export interface TokenUsage {
  /** Tokens that the model read. */
  inputTokens: number;
  /** Tokens that the model wrote. */
  outputTokens: number;
  /** Both together. */
  totalTokens: number;
}

/** How to look at a gateway. */
export interface ProbeParameters {
  /** The total time in milliseconds. Default: 5 seconds. */
  timeoutMs?: number;
  /** Ends the look early; what is not known by then stays null. */
  signal?: AbortSignal;
}

/** What a look at a gateway found. Null is what could not be found out. */
export interface GatewayProbe {
  /** It answers at all. */
  live: boolean | null;
  /** It has started and is not about to stop. */
  ready: boolean | null;
  /** It accepts this client's token. */
  authorized: boolean | null;
  /** `POST /v1/responses` is switched on. */
  responsesEnabled: boolean | null;
  /** Its version, when it tells. */
  version: string | null;
  /** Milliseconds until it answered that it is live; null when it did not. */
  latencyMs: number | null;
  /** One sentence on the first thing that is wrong; null when nothing is. */
  reason: string | null;
}

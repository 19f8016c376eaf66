import type { Clock, Logger, Secret } from "@lobstercontrol/core";

/** How {@link createOpenClawClient} is set up. */
export interface OpenClawClientOptions {
  /** Where the gateway listens, such as `http://127.0.0.1:18789`. A path in it is kept. */
  baseUrl: string | URL;
  /** The gateway's token. */
  token: Secret | string;
  /** Sends every request. Default: the global `fetch`. */
  fetch?: typeof globalThis.fetch;
  /** Where log lines go, without token, input or session key. Default: nowhere. */
  logger?: Logger;
  /** Measures times and timeouts. Default: the machine's clock. */
  clock?: Clock;
}

/** A client of one gateway; made by {@link createOpenClawClient}. */
export interface OpenClawClient {
  /** Runs of agents. */
  responses: {
    /**
     * Tells an agent something and waits until its run has ended.
     *
     * The request is sent once, whatever happens (promise 6): whether it may be sent again is told by the error's
     * `outcome`.
     *
     * @throws {OpenClawError} whatever went wrong, by one of its subclasses
     * @throws {InvalidInputError} `ERR_INVALID_INPUT` when a parameter cannot be put into a request
     */
    create(parameters: CreateResponseParameters): Promise<AgentResponse>;
  };
  /**
   * Looks at the gateway without starting a run. It does not throw because the gateway is down, but says so.
   *
   * @param parameters how long to look
   */
  probe(parameters?: ProbeParameters): Promise<GatewayProbe>;
}

/** What an agent is told, and in which conversation. */
export interface CreateResponseParameters {
  /** Who is told: the slug of an agent that the gateway has. */
  agent: string;
  /**
   * The conversation, which the gateway remembers by this key. Make it with `sessionKey` of `@lobstercontrol/core`: the
   * gateway lower-cases keys, so that two made by hand may turn out to be one.
   */
  sessionKey: string;
  /** What the agent is told. */
  input: string;
  /** How to go about it: goes to the system prompt. */
  instructions?: string;
  /** Ends the run from outside. The gateway stops the run when the connection goes. */
  signal?: AbortSignal;
  /**
   * The total time in milliseconds, queueing at the gateway included. Default: 10 minutes.
   *
   * Node's own `fetch` gives up earlier, after 5 minutes without a byte; a run that may stay silent for longer needs a
   * `fetch` with another `bodyTimeout`.
   */
  timeoutMs?: number;
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

import type { Clock } from "@lobstercontrol/core";

/** How {@link createMockGateway} is set up. */
export interface MockGatewayOptions {
  /** The token that is accepted. Default: `mock-token`. */
  token?: string;
  /** The agents that there are. Default: `main` alone. */
  agents?: string[];
  /** What each run says or suffers. Default: an echo, `echo#2 users=[first | second]`. */
  reply?: (run: MockRun) => MockReply | Promise<MockReply>;
  /** Tells `created_at` and measures `delayMs`. Default: the machine's clock. */
  clock?: Clock;
}

/** A run whose turn has come. */
export interface MockRun {
  /** 1 for the first turn of its session. */
  turn: number;
  /** The agent that runs. */
  agent: string;
  /** The session, as the gateway keeps it: lower-case, and with its `agent:` prefix. */
  sessionKey: string;
  /** What the agent is told. */
  input: string;
  /** What goes to the system prompt; null for nothing. */
  instructions: string | null;
  /** Everything that users said in this session, this input last. */
  users: readonly string[];
  /** Whether the answer is a stream. */
  stream: boolean;
  /** Aborts when the client goes. */
  signal: AbortSignal;
}

/** What a run says or suffers. Empty: it echoes. */
export interface MockReply {
  /** What the agent says. */
  text?: string;
  /** The tools that the agent wants called; with them, `text` is nothing by default. */
  toolCalls?: { callId: string; name: string; arguments: string }[];
  /** The reply was cut by the model's output limit: `incomplete`. */
  truncated?: boolean;
  /** The run fails: `response.failed` in a stream, else this status with a failed response. */
  fail?: { status: number; code: string; message: string };
  /** The run never ends by itself. */
  hang?: boolean;
  /** Milliseconds before anything else happens. */
  delayMs?: number;
  /** The connection is cut for real after so many bytes of the body; 0 cuts it before the headers. */
  cutAfterBytes?: number;
  /**
   * Answers with this status, `body` and `headers` in place of a run. For that, `reply` must not wait, nor the session be
   * busy: a stream is opened at once, and then it is too late (the connection is cut).
   */
  status?: number;
  /** The body of an answer with `status`. */
  body?: string;
  /** The headers of an answer with `status`. Default: plain text. */
  headers?: Record<string, string>;
}

/** A request that came, as it came. */
export interface MockRequest {
  /** Such as `POST`. */
  method: string;
  /** The path of the URL. */
  path: string;
  /** All headers. */
  headers: Headers;
  /** The body, unparsed. */
  body: string;
  /** The client went before the answer was complete. */
  aborted: boolean;
}

/** What the gateway remembers of a conversation. */
export interface MockSession {
  /** What users said, oldest first. */
  users: string[];
  /** What the agent said, oldest first. */
  replies: string[];
}

/** A gateway in memory; made by {@link createMockGateway}. Its fields may be changed while it works. */
export interface MockGateway {
  /** Answers a request. It can be handed to `createOpenClawClient` as its `fetch`. */
  fetch: (input: Request | URL | string, init?: RequestInit) => Promise<Response>;
  /** What came, oldest first. */
  requests: MockRequest[];
  /** What is remembered, by session key in lower case. */
  sessions: Map<string, MockSession>;
  /** The token that is accepted. */
  token: string;
  /** The agents that there are. */
  agents: string[];
  /** What each run says or suffers. */
  reply: (run: MockRun) => MockReply | Promise<MockReply>;
  /** False: `POST /v1/responses` and `/v1/models` are 404. */
  responsesEnabled: boolean;
  /** False: `/readyz` and new runs are 503, as while starting and draining. */
  ready: boolean;
  /** A number: `/v1` answers 429 with this `Retry-After`, as after too many failed sign-ins. */
  rateLimitedSeconds: number | null;
}

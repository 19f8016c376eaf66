import type { Clock } from "@lobstercontrol/core";
import type { MockGatewayProfile } from "./profile.ts";
import type { MockReply } from "./reply.ts";

/** How {@link createMockGateway} is set up. */
export interface MockGatewayOptions {
  /** Which gateway is imitated. Default: `openclaw-2026.9`, which is the only one. */
  profile?: MockGatewayProfile;
  /** The token that is accepted. Default: `mock-token`. */
  token?: string;
  /** The agents that there are. Default: `main` alone. */
  agents?: string[];
  /** What each run says or suffers. Default: an echo, `echo#2 users=[first | second]`. */
  reply?: (run: MockRun) => MockReply | Promise<MockReply>;
  /** Tells `created_at`, measures `delayMs` and how long agents are on hold. Default: the machine's clock. */
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
  /** What the agent is told: a history in items is one text, the last message below the others. */
  input: string;
  /** What goes to the system prompt, with system items and the text of files; null for nothing. */
  instructions: string | null;
  /** Everything that users said in this session, this input last. */
  users: readonly string[];
  /** How many images came along. */
  images: number;
  /** The tools that the agent may call. */
  tools: readonly MockTool[];
  /** The model that `x-openclaw-model` asks for; null for the agent's own. */
  model: string | null;
  /** Whether the answer is a stream. */
  stream: boolean;
  /** Aborts when the client goes. */
  signal: AbortSignal;
}

/** A tool that a request brought along. */
export interface MockTool {
  /** Its name. */
  name: string;
  /** What it is for. */
  description?: string | undefined;
  /** JSON schema of its arguments. */
  parameters?: Record<string, unknown> | undefined;
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
  /** False: everything but `/healthz` is 503, as while starting and draining. */
  ready: boolean;
  /** A number: `/v1` answers 429 with this `Retry-After`, as after too many failed sign-ins. */
  rateLimitedSeconds: number | null;
  /**
   * True: while the first run of a session has not ended, every other on its key fails with `internal error`. The gateway
   * does so to some of them, by chance. False, the default: they wait for their turn, as in a session that it knows.
   */
  failsBesideFirst: boolean;
}

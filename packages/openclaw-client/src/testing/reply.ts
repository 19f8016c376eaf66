/**
 * What a run says or suffers: the one place for every script. Empty: it echoes, `echo#2 users=[first | second]`, or calls
 * the tool that it must call.
 *
 * The fields go together: a reply can be slow, truncated, split at every byte, and cut in the end. The first group says
 * what the agent does, the second what the gateway does in its place, the third what happens to the bytes on their way.
 *
 * @example
 * ```ts
 * import { createMockGateway, type MockReply } from "@lobstercontrol/openclaw-client/testing";
 *
 * const script: MockReply[] = [
 *   { text: "Grüße 🦞", splitAfterBytes: 1 }, // every byte is a piece of its own
 *   { text: "Once upon a", truncated: true }, // the model's output limit
 *   { fail: { provider: 529 } }, // the provider is overloaded, and the gateway says so in its words
 *   { text: "half of it", fail: { provider: 500, afterDeltas: 1 } },
 *   { refuse: { status: 429, retryAfterSeconds: 5 } },
 *   { refuse: { status: 503 } }, // it is starting, or draining
 *   { text: "never whole", cutAfterBytes: 1_300 },
 *   { text: "never whole", stallAfterBytes: 1_300 },
 *   { garbageInsteadOfEvent: 4 },
 *   { text: "not what was asked for", stream: false },
 *   { headers: { "content-type": "text/html" } },
 *   { status: 502, body: "<h1>Bad Gateway</h1>" },
 * ];
 * export const gateway = createMockGateway({ reply: ({ turn }) => script[turn - 1] ?? {} });
 * ```
 */
export interface MockReply {
  /** What the agent says. What it says beside `toolCalls` is not told, as at the gateway. */
  text?: string;
  /** The tools that the agent wants called. */
  toolCalls?: readonly { callId: string; name: string; arguments: string }[];
  /** The reply was cut by the model's output limit: `incomplete`. */
  truncated?: boolean;
  /** The run fails: `response.failed` in a stream, else a status with a failed response. */
  fail?: MockFailure;
  /** Milliseconds before anything else happens. */
  delayMs?: number;
  /** The run never ends by itself. */
  hang?: boolean;

  /**
   * The gateway refuses the request, in its own words. For this, `status` and `stream`, `reply` must not wait, nor the
   * session be busy: a stream is opened at once, and then it is too late (the connection is cut).
   */
  refuse?: MockRefusal;
  /** Answers with this status, `body` and `headers` in place of a run, as a proxy does. */
  status?: number;
  /** The body of an answer with `status`. Plain text unless `headers` say otherwise. */
  body?: string;
  /** Headers of the answer; they stand in place of its own. */
  headers?: Record<string, string>;
  /** False: the answer is whole JSON even where a stream was asked for. */
  stream?: false;

  /** The connection is cut for real after so many bytes of the body, if it has more; 0 cuts it before the headers. */
  cutAfterBytes?: number;
  /** Nothing more comes after so many bytes of the body, if it has more. The connection stays. */
  stallAfterBytes?: number;
  /**
   * The body comes in pieces of exactly so many bytes, whatever they tear apart; 1 is every byte. A list: pieces of these
   * sizes, and the rest in one. What does not fill a piece waits for more of the body.
   */
  splitAfterBytes?: number | readonly number[];
  /** `garbage` comes before this event of the stream; 0 is the first. A whole answer counts as one event. */
  garbageBeforeEvent?: number;
  /** `garbage` comes in place of this event of the stream. */
  garbageInsteadOfEvent?: number;
  /** Default: an event that is neither JSON nor UTF-8. */
  garbage?: string | Uint8Array;
}

/** How a run fails: as the gateway tells it, or by what the model provider answered to it. */
export type MockFailure = (
  | { status: number; code: string; message: string }
  /**
   * The provider's status; 408 stands for a dropped connection, too. The gateway makes a status and a code of it, and
   * puts an agent whose provider answered 401, 402 or 403 on hold: its runs by that provider fail for a minute (402: ten).
   */
  | { provider: number; message?: string }
) & {
  /** So many pieces of `text` come first, in a stream. Default: none. */
  afterDeltas?: number;
};

/** How the gateway refuses a request before anything runs. */
export interface MockRefusal {
  /** 401 wrong token, 403 a proxy it does not trust, 413 too large, 429 too many failed sign-ins, 503 not ready. */
  status: 400 | 401 | 403 | 413 | 429 | 503;
  /** The `Retry-After`. Default: 1 with a 503, as at the gateway; else none. */
  retryAfterSeconds?: number;
  /** In place of what the gateway says. */
  message?: string;
}

/** Where an image or a file comes from: an address that the gateway fetches, or base64. */
export type InputSource =
  | { type: "url"; url: string }
  | { type: "base64"; mediaType: string; data: string; filename?: string };

/** A part of a message. The gateway takes jpeg, png, gif, webp, heic and heif as base64 images. */
export type InputPart =
  | { type: "input_text" | "output_text"; text: string }
  | { type: "input_image" | "input_file"; source: InputSource };

/**
 * One item of an input. The gateway makes one message of all of them; what `system` and `developer` say goes to the system
 * prompt.
 */
export type InputItem =
  | { type: "message"; role: "user" | "assistant" | "system" | "developer"; content: string | InputPart[] }
  | { type: "function_call"; callId: string; name: string; arguments: string }
  | { type: "function_call_output"; callId: string; output: string };

/**
 * A tool that the caller runs. OpenClaw hides it from the agent unless `tools.toolSearch` of openclaw.json is false.
 */
export interface Tool {
  /** What the agent calls it by. */
  name: string;
  /** What it does, for the model. */
  description?: string;
  /**
   * What it takes: an object of zod. It becomes a JSON schema that models can be held to, so it has no `.optional()`
   * property (`.nullable()` says as much) and no key beyond those named.
   */
  parameters: ToolParameters;
}

/**
 * A schema that tells itself as JSON schema: an object of zod 4.2 or later, or of another library that has
 * [Standard JSON Schema](https://standardschema.dev/json-schema). Of zod's mini, give what `z.toJSONSchema` makes of it.
 */
export interface ToolParameters {
  /** As the standard has it. */
  readonly "~standard": {
    readonly jsonSchema: {
      /** The JSON schema of what goes in. */
      input(options: { target: "draft-2020-12" }): Record<string, unknown>;
    };
  };
}

/** What an agent is told, in which conversation and within which limits. */
export interface ResponseRequest {
  /** Who is told: the slug of an agent that the gateway has. */
  agent: string;
  /**
   * The conversation, which the gateway remembers by this key. Make it with `sessionKey` of `@lobstercontrol/core`: the
   * gateway lower-cases keys, so that two made by hand may turn out to be one. Either it or `user` is given: without
   * both, the gateway would silently begin a new conversation with each request. A key of another agent than `agent` is
   * refused: at the gateway the key would win.
   */
  sessionKey?: string;
  /** In place of `sessionKey`: one conversation per user and agent. The gateway lower-cases it too. */
  user?: string;
  /** What the agent is told. */
  input: string | InputItem[];
  /** How to go about it: goes to the system prompt. */
  instructions?: string;
  /** Tools that the caller runs; see `toolCalls` of the answer. */
  tools?: Tool[];
  /** Whether the agent may, must or must not call them, or which one it must. A must that it does not obey fails the run. */
  toolChoice?: "auto" | "none" | "required" | { name: string };
  /** The most tokens that the model may write: a whole number above 0. */
  maxOutputTokens?: number;
  /** How adventurous the model is, from 0 to 2. */
  temperature?: number;
  /** The share of likely words that the model chooses from, from 0 to 1. */
  topP?: number;
  /** What the caller wants kept with the run: texts alone. */
  metadata?: Record<string, string>;
  /**
   * Goes on from an answer. The gateway forgets it after 30 minutes or a restart, and then silently begins anew; a
   * `sessionKey` is safer, and wins where they differ.
   */
  previousResponseId?: string;
  /** Another model for this run, as `provider/model`. */
  model?: string;
  /** More headers, for proxies. Those that this client or its connection sends itself cannot be replaced. */
  headers?: Record<string, string>;
  /** Ends the run from outside. The gateway stops the run when the connection goes. */
  signal?: AbortSignal;
  /**
   * The total time in milliseconds, connecting and queueing at the gateway included. Default: 10 minutes.
   *
   * Node's own `fetch` gives up earlier, after 5 minutes without a byte; a run that may stay silent for longer needs a
   * `fetch` with another `bodyTimeout`.
   */
  timeoutMs?: number;
  /**
   * The longest wait in milliseconds until the gateway begins to answer. Default: none of its own. A gateway that has just
   * started takes 16 seconds and more; and `fetch` does not tell whether a connection stood, so that what this ends may
   * have run (`maybeRan`). Give `fetch` a limit of its own for connecting alone: what fails there was never sent.
   */
  connectTimeoutMs?: number;
  /**
   * The longest silence in milliseconds, from the request on. Default: none of its own, since a run that waits for
   * another one of its session is silent and well; the gateway sends no sign of life meanwhile.
   */
  idleTimeoutMs?: number;
  /** How often the request may be sent again; see `retries` of the client's options. */
  retries?: number;
}

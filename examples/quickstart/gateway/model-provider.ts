import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text as readText } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { sendCompletion, sendError, streamCompletion, type Completion } from "./model-completion.ts";
import { directivesIn } from "./model-directives.ts";
import { readPrompt, type ChatMessage } from "./model-prompt.ts";
import { replyTo } from "./model-reply.ts";

/** One call that the gateway made. */
interface ModelCall {
  /** Slug of the agent that asked, when the gateway named it. */
  agent?: string;
  /** What the user said last, without what the gateway adds. */
  text: string;
  /** How many messages of the user the session had, this one included. */
  userMessages: number;
  /** When it came, in milliseconds since the epoch. */
  at: number;
  /** When the answer was complete or the gateway hung up, in milliseconds since the epoch. */
  endedAt?: number;
  /** Whether the gateway hung up before the answer was complete. */
  aborted: boolean;
  /** What the gateway sent. */
  request: ChatRequest;
}

/** A model provider for demos and tests. */
export interface ModelProviderServer {
  /** Its base URL for the gateway's config, ending in `/v1`. */
  url: string;
  /** Every call so far, oldest first; the objects change while their calls run. */
  calls: readonly ModelCall[];
  /** Answers the next `count` calls with `status`, whatever they say. */
  failNext: (count: number, status: number) => void;
  /** Has an agent reply with this to its next call, unless the text itself asks for something. */
  sayNext: (agent: string, reply: string) => void;
  /** Answers the calls that hang, each by what its text says besides. */
  release: () => void;
  /** Hangs up on whoever is connected, and ends. Repeatable. */
  close: () => Promise<void>;
}

/** A request for a chat completion, as far as somebody looks at it. */
interface ChatRequest {
  model: string;
  stream?: boolean;
  messages: ChatMessage[];
  tools?: { function: { name: string; description?: string; parameters?: unknown; strict?: boolean } }[];
  tool_choice?: unknown;
  max_tokens?: number;
  max_completion_tokens?: number;
  temperature?: number;
  top_p?: number;
}

/**
 * Starts a model provider on loopback that speaks OpenAI's chat completions, needs no key, and always says the same to
 * the same. Words in the user's text make it fail, wait or say something else: see `Directives`.
 *
 * @example
 * ```ts
 * const models = await startModelProvider();
 * console.log(models.url); // http://127.0.0.1:…/v1
 * await models.close();
 * ```
 */
export async function startModelProvider(options: { port?: number } = {}): Promise<ModelProviderServer> {
  const calls: ModelCall[] = [];
  const failedOnce = new Set<string>();
  const nextStatuses: number[] = [];
  const nextReplies = new Map<string, string>();
  let hanging: (() => void)[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== "POST")
      return sendError(response, 404, "only POST /v1/chat/completions is served");
    const chat = JSON.parse(await readText(request)) as ChatRequest;
    const prompt = readPrompt(chat.messages);
    const { agent, userTexts } = prompt;
    const text = userTexts.at(-1) ?? "";
    const call: ModelCall = {
      ...(agent === undefined ? {} : { agent }),
      text,
      userMessages: userTexts.length,
      at: Date.now(),
      aborted: false,
      request: chat,
    };
    const id = `chatcmpl-${calls.push(call)}`;
    response.once("close", () => {
      call.endedAt = Date.now();
      call.aborted = !response.writableFinished;
    });

    const directives = directivesIn(text);
    const status = nextStatuses.shift() ?? directives.fail ?? failsOnce(text, directives.failOnce);
    if (directives.drop) return void request.socket.destroy();
    if (status !== undefined) return sendError(response, status, `the text asked for a ${status}`);
    if (directives.hang) await new Promise<void>((released) => hanging.push(released));
    if (directives.delayMs > 0) await sleep(directives.delayMs);
    if (call.aborted) return;
    const wanted = chat.messages.at(-1)?.role === "tool" ? undefined : directives.tool;
    const completion: Completion = {
      id,
      model: chat.model,
      reply: wanted === undefined ? (directives.say ?? nextReply(agent) ?? replyTo(prompt)) : "",
      finish: directives.length ? "length" : "stop",
      gapMs: directives.gapMs,
      ...(wanted === undefined ? {} : { tool: wanted }),
    };
    if (chat.stream === true) await streamCompletion(response, completion);
    else sendCompletion(response, completion);
  }

  function nextReply(agent = ""): string | undefined {
    const reply = nextReplies.get(agent);
    nextReplies.delete(agent);
    return reply;
  }

  function failsOnce(text: string, status: number | undefined): number | undefined {
    if (status === undefined || failedOnce.has(text)) return undefined;
    failedOnce.add(text);
    return status;
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!response.headersSent) sendError(response, 400, String(error));
    });
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
  return {
    url: `http://127.0.0.1:${port}/v1`,
    calls,
    failNext: (count, status) => void nextStatuses.push(...Array.from({ length: count }, () => status)),
    sayNext: (agent, reply) => void nextReplies.set(agent, reply),
    release: () => {
      for (const released of hanging) released();
      hanging = [];
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

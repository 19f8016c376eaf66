import { inspect } from "node:util";
import { agentSlug, scrub, sessionKey, type Logger } from "@lobstercontrol/core";
import { describe, expect, it } from "vitest";
import { createOpenClawClient } from "../client.ts";
import { failureOf } from "../test-client.ts";

/** Nothing of these may be seen in an error or a log line, whoever put it there. */
const canaries = {
  token: "tok-canary-7f3a9c",
  input: "input-canary-51ab20 with the rest of what the agent was told",
  instructions: "instructions-canary-88de01",
  thread: "thread-canary-c0ffee",
};
const agent = agentSlug.parse("main");
const key = sessionKey({ account: "acme", agent, thread: canaries.thread, epoch: 0 });
const everything = `${canaries.token} ${canaries.input} ${canaries.instructions} ${key}`;
const failed = (message: string, code = "api_error"): object => ({
  id: everything,
  status: "failed",
  error: { code, message },
});
const stream = (...events: object[]): Response =>
  new Response(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""), {
    headers: { "content-type": "text/event-stream" },
  });

/** Everything that can answer, quoting all that it was sent. */
const leaks: [name: string, answer: (init: RequestInit | undefined) => Response][] = [
  ["a refusal", () => Response.json({ error: { message: everything, type: everything } }, { status: 400 })],
  [
    "a refusal by code",
    () => Response.json({ error: { message: key, type: canaries.token } }, { status: 400 }),
  ],
  [
    "half a quote",
    () => Response.json({ error: { message: canaries.input.slice(0, 19), type: "x" } }, { status: 400 }),
  ],
  ["text", () => new Response(everything, { status: 403 })],
  ["an unknown 500", () => Response.json({ error: { message: everything, type: "x" } }, { status: 500 })],
  [
    "a redirect",
    () => new Response(null, { status: 302, headers: { location: `http://x.test/?t=${canaries.token}` } }),
  ],
  ["a failed run", () => Response.json(failed(everything, everything), { status: 502 })],
  ["a failed run, whose code is a secret", () => Response.json(failed("x", canaries.token), { status: 502 })],
  ["a failed stream", () => stream({ type: "response.failed", response: failed(`"${everything}"`) })],
  [
    "a stream that ends",
    () => stream({ type: "response.created", response: { id: canaries.token, status: "in_progress" } }),
  ],
  ["garbage", () => new Response(everything)],
  [
    "fetch, with all in the error and its causes",
    (init) => {
      const cause = Object.assign(new Error(everything), { code: everything, init });
      throw Object.assign(new TypeError(everything, { cause }), { init, errors: [new Error(everything)] });
    },
  ],
  [
    "fetch, with a system error",
    (init) => {
      const cause = Object.assign(new Error(everything), { code: "ECONNREFUSED", init });
      throw new TypeError(everything, { cause });
    },
  ],
  [
    "fetch, with a code that is a secret",
    () => {
      throw Object.assign(new Error("x"), { code: canaries.token });
    },
  ],
];

describe("promise 8: no error holds the token, the input or the session key", () => {
  it.each(leaks)("when they come back by %s", async (_name, answer) => {
    const lines: unknown[] = [];
    const write = (fields: object, message: string): void => void lines.push(fields, message);
    const logger: Logger = { debug: write, info: write, warn: write, error: write };
    const client = createOpenClawClient({
      baseUrl: "http://gateway.test",
      token: canaries.token,
      fetch: async (_input, init) => answer(init),
      logger,
    });

    const error = await failureOf(
      client.responses.create({
        agent,
        sessionKey: key,
        input: canaries.input,
        instructions: canaries.instructions,
      }),
    );

    const shown = [
      error.message,
      error.hint,
      error.stack,
      JSON.stringify(error),
      JSON.stringify(Object.fromEntries(Object.entries(error))),
      inspect(error, { depth: Infinity, showHidden: true, getters: true }),
      inspect(scrub(error), { depth: Infinity }),
      inspect(error.cause, { depth: Infinity, showHidden: true, getters: true }),
      inspect(lines, { depth: Infinity }),
    ].join("\n");
    expect(lines).not.toEqual([]);
    expect(shown).not.toMatch(/-canary-/);
    expect(shown).not.toContain(key);
  });

  it("keeps what the gateway says besides", async () => {
    const client = createOpenClawClient({
      baseUrl: "http://gateway.test",
      token: canaries.token,
      fetch: async () =>
        Response.json(
          { error: { message: `No model reads "${canaries.input}" today.`, type: "invalid_request_error" } },
          { status: 400 },
        ),
    });

    const error = await failureOf(client.responses.create({ agent, sessionKey: key, input: canaries.input }));
    expect(error.message).toBe('The gateway refused the request (400): No model reads "[secret]" today.');
  });
});

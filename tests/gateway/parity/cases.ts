/**
 * What the real gateway and the mock must answer alike. Both have the same agents, and behind both is the same model, see
 * `model-of-the-mock.ts`: words such as `FAIL=500` in an input are meant for it.
 */

/** One request. What is left out is a `POST /v1/responses` with the token. */
export interface ParityRequest {
  method?: string;
  path?: string;
  /** On top of the token; null takes it away. */
  headers?: Record<string, string | null>;
  /** A text goes as it is, anything else as JSON; a function sees the JSON of the answers before it, oldest first. */
  body?: unknown;
}

/** Requests that are sent one after another, each when the one before it has been answered. */
export interface ParityCase {
  name: string;
  requests: readonly ParityRequest[];
  /** Fields that are set aside, wherever they are, since the mock cannot reasonably follow. */
  differs?: { fields: readonly string[]; because: string };
}

/** An agent that its provider refuses is on hold: those cases have agents of their own. */
export const parityAgents = ["writer", "reviewer", "keyless", "broke", "banned"];

const model = "openclaw/writer";
const hello = { model, input: "hello" };
const weather = {
  type: "function",
  name: "get_weather",
  description: "Tells the weather",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
const callWeather = 'CALL=get_weather ARGS={"city":"Paris"} please';
const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const text = (words: string) => ({ type: "input_text", text: words });
const message = (content: unknown, role = "user") => ({ type: "message", role, content });
const image = (source: object) => ({ type: "input_image", source });
const file = (source: object) => ({ type: "input_file", source });
const png = { type: "base64", media_type: "image/png", data: pixel };
const note = {
  type: "base64",
  media_type: "text/plain",
  data: btoa("a note in a file"),
  filename: "note.txt",
};
const key = (sessionKey: string) => ({ "x-openclaw-session-key": sessionKey });
const forAgent = (agent: string) => ({ "x-openclaw-agent-id": agent });

const post = (fields: object, headers: Record<string, string | null> = {}): ParityRequest => ({
  headers,
  body: { ...hello, ...fields },
});
const get = (path: string, headers: Record<string, string | null> = {}): ParityRequest => ({
  method: "GET",
  path,
  headers,
});
const one = (name: string, request: ParityRequest): ParityCase => ({ name, requests: [request] });
/** The same case, once whole and once as a stream. */
const bothWays = (name: string, fields: object, headers: Record<string, string> = {}): ParityCase[] => [
  one(name, post(fields, headers)),
  one(`${name}, as a stream`, post({ ...fields, stream: true }, headers)),
];
/** The id of the last answer. */
const lastId = (answers: readonly unknown[]): string => (answers.at(-1) as { id: string }).id;
const callId = (answers: readonly unknown[]): string =>
  (answers.at(-1) as { output: { call_id: string }[] }).output.at(-1)?.call_id ?? "";

const bodies: [name: string, body: unknown][] = [
  ["no body", ""],
  ["blanks", "  \n "],
  ["an empty object", {}],
  ["an array", []],
  ["a string", '"x"'],
  ["null", "null"],
  ["half an object", '{"model": "openclaw/writer", '],
  ["no JSON", "nope"],
  ["something after the JSON", '{"model":"openclaw/writer","input":"x"} x'],
  ["no model", { input: "x" }],
  ["no input", { model }],
  ["several mistakes", { model: 5, input: 5, stream: "x" }],
];

const fields: [name: string, fields: object][] = [
  ["an unknown key", { parallel_tool_calls: true }],
  ["two unknown keys", { n: 1, seed: 2 }],
  ["a model that is none of OpenClaw's", { model: "gpt-5" }],
  ["a model without an agent", { model: "openclaw/" }],
  ["an agent that cannot be", { model: "openclaw/a b" }],
  ["a null input", { input: null }],
  ["a number as input", { input: 5 }],
  ["an empty input", { input: "" }],
  ["no items", { input: [] }],
  ["an item without a type", { input: [{ role: "user", content: "x" }] }],
  ["an item of an unknown type", { input: [{ type: "thought" }] }],
  ["an item that is a number", { input: [5] }],
  ["an unknown role", { input: [message("x", "wizard")] }],
  ["a message without content", { input: [{ type: "message", role: "user" }] }],
  ["an unknown key in an item", { input: [{ ...message("x"), name: "Bea" }] }],
  ["a phase of a user", { input: [{ ...message("x"), phase: "commentary" }] }],
  ["a part of an unknown type", { input: [message([{ type: "text", text: "x" }])] }],
  ["a system message alone", { input: [message("x", "system")] }],
  ["a blank message", { input: [message("  ")] }],
  ["a reasoning item alone", { input: [{ type: "reasoning", summary: "x" }] }],
  ["a reasoning summary of parts", { input: [{ type: "reasoning", summary: [] }] }],
  ["a reference alone", { input: [{ type: "item_reference", id: "msg_1" }] }],
  ["a tool's answer without a call", { input: [{ type: "function_call_output", output: "x" }] }],
  ["a tool's answer of parts", { input: [{ type: "function_call_output", call_id: "c", output: [] }] }],
  ["instructions that are no text", { instructions: 5 }],
  ["a stream that is no boolean", { stream: "yes" }],
  ["a null stream", { stream: null }],
  ["a user that is no text", { user: 5 }],
  ["no output tokens", { max_output_tokens: 0 }],
  ["half an output token", { max_output_tokens: 1.5 }],
  ["output tokens in letters", { max_output_tokens: "1" }],
  ["too many output tokens", { max_output_tokens: 1e300 }],
  ["no tool calls", { max_tool_calls: 0 }],
  ["half a tool call", { max_tool_calls: 0.5 }],
  ["too hot", { temperature: 5 }],
  ["too cold", { temperature: -1 }],
  ["a temperature in letters", { temperature: "1" }],
  ["a top_p above one", { top_p: 1.5 }],
  ["a top_p below zero", { top_p: -1 }],
  ["metadata that is a list", { metadata: [] }],
  ["metadata of numbers", { metadata: { a: 1 } }],
  ["a store that is no boolean", { store: "yes" }],
  ["a previous response that is no text", { previous_response_id: 5 }],
  ["an unknown effort", { reasoning: { effort: "xhigh" } }],
  ["an unknown summary", { reasoning: { summary: "none" } }],
  ["reasoning that is no object", { reasoning: "high" }],
  ["an unknown truncation", { truncation: "yes" }],
  ["a text without a format", { text: {} }],
  ["a format that is no text", { text: { format: { type: "json_schema" } } }],
  ["an unknown key of the text", { text: { format: { type: "text" }, verbosity: "low" } }],
  ["tools that are no list", { tools: "x" }],
  ["a tool of another type", { tools: [{ type: "web_search" }] }],
  ["a tool without a type", { tools: [{ name: "a" }] }],
  ["a tool in chat completions' form", { tools: [{ type: "function", function: { name: "a" } }] }],
  ["a tool with an empty name", { tools: [{ type: "function", name: "" }] }],
  ["an unknown key of a tool", { tools: [{ ...weather, cache: true }] }],
  ["parameters that are a text", { tools: [{ ...weather, parameters: "x" }] }],
  ["a strictness that is no boolean", { tools: [{ ...weather, strict: "yes" }] }],
  ["an unknown tool choice", { tool_choice: "sometimes" }],
  ["a null tool choice", { tool_choice: null }],
  ["a tool choice without a name", { tool_choice: { type: "function" } }],
  ["a required tool without tools", { tool_choice: "required" }],
  ["a choice of an unknown tool", { tools: [weather], tool_choice: { type: "function", name: "nope" } }],
  ["an image in OpenAI's form", { input: [message([{ type: "input_image", image_url: "data:," }])] }],
  ["an image with a detail", { input: [message([{ ...image(png), detail: "auto" }])] }],
  ["an image of no accepted type", { input: [message([image({ ...png, media_type: "image/svg+xml" })])] }],
  ["an image without data", { input: [message([image({ ...png, data: "" })])] }],
  ["an image whose data is no base64", { input: [message([image({ ...png, data: "!!!" })])] }],
  ["an image at no URL", { input: [message([image({ type: "url", url: "nope" })])] }],
  ["an image on loopback", { input: [message([image({ type: "url", url: "http://127.0.0.1:9/x.png" })])] }],
  ["an image nowhere", { input: [message([image({ type: "url", url: "https://example.invalid/x.png" })])] }],
  ["an image in its URL", { input: [message([image({ type: "url", url: "data:image/png;base64,aaaa" })])] }],
  [
    "nine URLs, even in an old message",
    {
      input: [
        message([
          text("old"),
          ...Array(9).fill(image({ type: "url", url: "https://example.invalid/x.png" })),
        ]),
        message("new"),
      ],
    },
  ],
  ["a file in OpenAI's form", { input: [message([{ type: "input_file", file_data: "x" }])] }],
  ["a file of no accepted type", { input: [message([file({ ...note, media_type: "application/zip" })])] }],
  ["a PDF that is none", { input: [message([file({ ...note, media_type: "application/pdf" })])] }],
];

const validation: ParityCase[] = [
  ...bodies.map(([name, body]) => one(`refuses ${name}`, { body })),
  ...fields.map(([name, rest]) => one(`refuses ${name}`, post(rest))),
  one("refuses more than 20 MB", { body: { ...hello, input: "x".repeat(21 * 1024 * 1024) } }),
  one("takes every key", {
    body: {
      ...hello,
      instructions: "Be brief.",
      max_output_tokens: 33,
      max_tool_calls: 2,
      metadata: { a: "b" },
      reasoning: { effort: "low", summary: "auto", unknown: true },
      store: false,
      temperature: 0.3,
      text: { format: { type: "text" } },
      tool_choice: "auto",
      tools: [weather],
      top_p: 0.5,
      truncation: "auto",
      user: "all-keys",
    },
  }),
  one("takes JSON by any name", { headers: { "content-type": "text/plain" }, body: hello }),
  one("sees a bad body before an unknown agent", post({ model: "openclaw/nope", input: 5 })),
  one("sees an unknown agent before a bad image", {
    body: { model: "openclaw/nope", input: [message([image({ ...png, data: "!" })])] },
  }),
  one("sees a bad image before a bad tool choice", {
    body: { model, input: [message([image({ ...png, data: "!" })])], tool_choice: "required" },
  }),
  one("sees a bad tool choice before a bad key", post({ tool_choice: "required" }, key("cron:a"))),
  one("sees a bad key before an empty input", post({ input: "" }, key("cron:a"))),
  ...bothWays("stumbles over a blank input", { input: "   " }),
];

const authorization: ParityCase[] = [
  ...[null, "", "Basic abc", "Bearer", "Bearer wrong"].map((value) =>
    one(`refuses ${value ?? "nothing"} as authorization`, post({ input: 5 }, { authorization: value })),
  ),
  one("asks for the token before it reads", { headers: { authorization: null }, body: "nope" }),
  one("asks for the token at /v1/models", get("/v1/models", { authorization: "Bearer wrong" })),
  ...["x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-proto"].map((header) =>
    one(`refuses what has ${header}`, post({}, { [header]: "203.0.113.9", authorization: null })),
  ),
];

const forwarded = { "x-forwarded-for": "203.0.113.9" };
const endpoints: ParityCase[] = [
  ...["GET", "PUT", "OPTIONS", "DELETE", "PATCH", "HEAD"].flatMap((method) =>
    ["/v1/responses", "/v1/models", "/healthz"]
      .filter((path) => !(method === "GET" && path !== "/v1/responses"))
      .map((path) =>
        one(`${method} ${path}`, { method, path, ...(/GET|HEAD/.test(method) ? {} : { body: "{}" }) }),
      ),
  ),
  ...["/", "/nope", "/v1/responses/", "/v1/responses/resp_1", "/v1/chat/completions", "/healthz/"].map(
    (path) => one(`GET ${path}`, get(path)),
  ),
  ...["/healthz", "/health", "/startupz", "/startup", "/v1/models"].map((path) =>
    one(`GET ${path}`, get(path)),
  ),
  ...["/readyz", "/ready"].map((path) => ({
    ...one(`GET ${path}`, get(path)),
    differs: {
      fields: ["eventLoop"],
      because: "how busy the gateway's process is, the mock has no way to know",
    },
  })),
  ...["openclaw", "openclaw%2Fwriter", "openclaw/writer", "gpt-5", "openclaw%2Fnope", ""].map((id) =>
    one(`GET /v1/models/${id}`, get(`/v1/models/${id}`)),
  ),
  one("POST /v1/models", { path: "/v1/models", body: "{}" }),
  one("POST /nope", { path: "/nope", body: "{}" }),
  ...["/healthz", "/readyz", "/startupz", "/v1/models", "/nope"].map((path) =>
    one(`GET ${path} through a proxy`, get(path, forwarded)),
  ),
];

const ambiguous = ["openclaw", "openclaw/default", "OpenClaw", ""];
const routing: ParityCase[] = [
  ...ambiguous.map((name) => one(`does not know whose ${JSON.stringify(name)} is`, post({ model: name }))),
  ...["openclaw:writer", "agent:writer", "openclaw/WRITER", " openclaw/writer "].map((name) =>
    one(`understands ${JSON.stringify(name)}`, post({ model: name })),
  ),
  one("names an unknown agent of the model", post({ model: "openclaw/Nope" })),
  one("lets the header name the agent", post({ model: "openclaw" }, forAgent("Reviewer"))),
  one("lets the header beat the model", post({}, forAgent("reviewer"))),
  one("knows the header's other name", post({}, { "x-openclaw-agent": "reviewer" })),
  one("looks at the model in spite of a header", post({ model: "gpt-5" }, forAgent("writer"))),
  one("looks at the model for a blank header", post({}, forAgent("  "))),
  one("names an unknown agent of the header", post({}, forAgent("Nope"))),
  one("names an impossible agent of the header", post({}, forAgent("No pe"))),
  one("has no agent of the name default", post({}, forAgent("default"))),
  one(
    "lets the key beat model and header",
    post({}, { ...forAgent("writer"), ...key("agent:reviewer:beats") }),
  ),
  one("needs an agent beside the key", post({ model: "openclaw" }, key("agent:writer:alone"))),
  ...[
    "agent:nope:k",
    "agent:",
    "agent:writer",
    "agent:writer:",
    "agent::k",
    "plain",
    "main",
    "k".repeat(3_000),
  ].flatMap((name) => bothWays(`stumbles over the key ${name.slice(0, 20)}`, {}, key(name))),
  one("refuses an unknown agent in both", post({}, { ...forAgent("nope"), ...key("agent:nope:k") })),
  ...[
    "subagent:a",
    "SUBAGENT:a",
    "cron:a",
    "acp:a",
    "harness:a",
    "agent:writer:subagent:a",
    "agent:writer:cron:a",
  ].map((name) => one(`refuses the key ${name}`, post({}, key(name)))),
  one("takes another model", post({}, { "x-openclaw-model": "local/other" })),
  one("refuses no model", post({}, { "x-openclaw-model": "/" })),
];

const sessions: ParityCase[] = [
  {
    name: "remembers by the key, whatever its case",
    requests: [
      post({ input: "one" }, key("agent:writer:CaseKey-1")),
      post({ input: "two" }, key("AGENT:Writer:casekey-1")),
      post({ input: "three", stream: true }, key("agent:writer:casekey-1")),
    ],
  },
  {
    name: "remembers by the user, whatever its case",
    requests: [post({ input: "one", user: " Usr-1 " }), post({ input: "two", user: "usr-1" })],
  },
  {
    name: "has a session of their own for each agent's user",
    requests: [
      post({ input: "one", user: "usr-2" }),
      post({ input: "two", user: "usr-2", model: "openclaw/reviewer" }),
    ],
  },
  {
    name: "lets the key beat the user",
    requests: [
      post({ input: "one", user: "usr-3" }),
      post({ input: "two", user: "usr-3" }, key("agent:writer:beats-user")),
    ],
  },
  { name: "forgets without either", requests: [post({ input: "one" }), post({ input: "two", user: " " })] },
  {
    name: "goes on after a previous response",
    requests: [
      post({ input: "one" }),
      { body: (answers: unknown[]) => ({ model, input: "two", previous_response_id: lastId(answers) }) },
      {
        body: (answers: unknown[]) => ({
          model,
          input: "three",
          previous_response_id: lastId(answers),
          user: "u",
        }),
      },
    ],
  },
  {
    name: "begins anew after an unknown response",
    requests: [post({ input: "one", previous_response_id: "resp_nope" })],
  },
  {
    name: "begins anew after another agent's response",
    requests: [
      post({ input: "one" }),
      {
        body: (answers: unknown[]) => ({
          model: "openclaw/reviewer",
          input: "two",
          previous_response_id: lastId(answers),
        }),
      },
    ],
  },
  {
    name: "lets the key beat a previous response",
    requests: [
      post({ input: "one" }),
      {
        headers: key("agent:writer:beats-previous"),
        body: (answers: unknown[]) => ({ model, input: "two", previous_response_id: lastId(answers) }),
      },
    ],
  },
  {
    name: "does not go on without the key after a response that had one",
    requests: [
      post({ input: "one" }, key("agent:writer:had-one")),
      { body: (answers: unknown[]) => ({ model, input: "two", previous_response_id: lastId(answers) }) },
      {
        headers: key("agent:writer:had-one"),
        body: (answers: unknown[]) => ({ model, input: "three", previous_response_id: lastId(answers) }),
      },
    ],
  },
  {
    name: "remembers what a failed run was told",
    requests: [
      post({ input: "FAIL=500 one" }, key("agent:writer:failed")),
      post({ input: "two" }, key("agent:writer:failed")),
    ],
  },
];

const prompts: ParityCase[] = [
  ...bothWays("answers a text", { input: "Grüße, 世界 🦞 — all there?" }),
  one("takes instructions", post({ instructions: "INSTRUCTIONS of the request" })),
  one("puts system items to the instructions", {
    body: {
      model,
      instructions: "INSTRUCTIONS first",
      input: [message("SYSTEM second", "system"), message("one"), message("DEVELOPER third", "developer")],
    },
  }),
  one("makes one text of a history", {
    body: {
      model,
      input: [message("one"), message("first answer", "assistant"), message([text("two"), text("and more")])],
    },
  }),
  one("drops what the agent said last", {
    body: { model, input: [message("one"), message("two", "assistant")] },
  }),
  one("tells a lone word of the agent", { body: { model, input: [message("one", "assistant")] } }),
  one("tells the agent's words alone", {
    body: {
      model,
      input: [message("one", "assistant"), message([{ type: "output_text", text: "two" }], "assistant")],
    },
  }),
  one("skips references and reasoning", {
    body: {
      model,
      input: [{ type: "item_reference", id: "msg_1" }, { type: "reasoning", content: "x" }, message(" one ")],
    },
  }),
  one("looks at an image", { body: { model, input: [message([text("look"), image(png)])] } }),
  one("looks at an image without words", { body: { model, input: [message([image(png)])] } }),
  one("reads a file", { body: { model, input: [message([text("read"), file(note)])] } }),
  one("reads a file without words or name", {
    body: {
      model,
      input: [message([file({ ...note, media_type: "text/markdown; charset=utf-8", filename: undefined })])],
    },
  }),
  one("reads an empty file", {
    body: { model, input: [message([text("read"), file({ ...note, data: btoa("  ") })])] },
  }),
  one("looks at no image of an old message", {
    body: { model, input: [message([text("old"), image({ ...png, data: "!!!" })]), message("new")] },
  }),
  one("skips an old message that is an image alone", {
    body: { model, input: [message([image(png)]), message("new")] },
  }),
  one("looks at no image before a tool's answer", {
    body: {
      model,
      input: [
        message([text("old"), image(png)]),
        { type: "function_call_output", call_id: "c", output: "new" },
      ],
    },
  }),
];

const tools: ParityCase[] = [
  ...bothWays("calls a tool", { input: callWeather, tools: [weather] }),
  {
    name: "goes on with the tool's answer",
    requests: [
      post({ input: callWeather, tools: [weather] }, key("agent:writer:tool-round-trip")),
      {
        headers: key("agent:writer:tool-round-trip"),
        body: (answers: unknown[]) => ({
          model,
          tools: [weather],
          input: [{ type: "function_call_output", call_id: callId(answers), output: "21 degrees" }],
        }),
      },
    ],
  },
  one("takes an answer to a call that it does not know", {
    body: { model, input: [{ type: "function_call_output", call_id: "unknown", output: "21 degrees" }] },
  }),
  one("takes a call and its answer as history", {
    body: {
      model,
      input: [
        message("Is it warm?"),
        { type: "function_call", call_id: "c1", name: "get_weather", arguments: '{"city":"Paris"}' },
        { type: "function_call_output", call_id: "c1", output: "21 degrees" },
      ],
    },
  }),
  one(
    "does without tools when it may call none",
    post({ input: callWeather, tools: [weather], tool_choice: "none" }),
  ),
  ...bothWays("calls what it must", { input: callWeather, tools: [weather], tool_choice: "required" }),
  ...bothWays("fails when it calls nothing and must", { tools: [weather], tool_choice: "required" }),
  ...bothWays("fails when it does not call what it must", {
    tools: [weather],
    tool_choice: { type: "function", function: { name: "get_weather" } },
  }),
  ...bothWays("stumbles over two tools of one name", {
    tools: [weather, { ...weather, name: "GET_WEATHER" }],
  }),
];

const endings: ParityCase[] = [
  ...bothWays("tells that a reply was truncated", { input: 'LENGTH SAY="and so on"' }),
  ...bothWays("tells a heartbeat", { input: "SAY=HEARTBEAT_OK" }),
  ...bothWays("fails when the agent says nothing twice", { input: "EMPTY" }),
  ...bothWays("fails when the agent says NO_REPLY twice", { input: "SAY=NO_REPLY" }),
];

const failures: ParityCase[] = [
  ...[400, 404, 408, 409, 413, 418, 422, 429, 500, 502, 503, 504, 529].flatMap((status) =>
    bothWays(`tells a ${status} of the provider`, { input: `FAIL=${status}` }),
  ),
  ...bothWays("tells a connection that the provider dropped", { input: "DROP" }),
  ...[
    ["keyless", 401],
    ["broke", 402],
    ["banned", 403],
  ].map(([agent, status]) => ({
    name: `puts an agent on hold after a ${status} of the provider`,
    requests: [
      post({ model: `openclaw/${agent}`, input: `FAIL=${status}` }),
      post({ model: `openclaw/${agent}` }),
      post({ model: `openclaw/${agent}`, stream: true }),
      post({}),
    ],
  })),
];

export const parityCases: readonly ParityCase[] = [
  ...validation,
  ...authorization,
  ...endpoints,
  ...routing,
  ...sessions,
  ...prompts,
  ...tools,
  ...endings,
  ...failures,
];

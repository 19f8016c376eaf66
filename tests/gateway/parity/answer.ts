import type { ParityRequest } from "./cases.ts";

/** An answer, with what is different every time set aside. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  /** Text, JSON, or the events of a stream. */
  body: unknown;
}

/** An answer, and its JSON as it came. */
export interface RawAnswer {
  answer: Answer;
  json: unknown;
}

/** Where requests go. */
export interface Target {
  url: string;
  token: string;
}

/** Headers in which gateways may not differ. */
const comparedHeaders = ["content-type", "allow", "cache-control", "retry-after"];

/** Fields that are different every time; their types are compared. */
const volatile = /^(id|item_id|call_id|created_at|uptimeMs|.*_tokens)$/;

export async function send(
  { url, token }: Target,
  { method = "POST", path = "/v1/responses", headers = {}, body }: ParityRequest,
  earlier: readonly unknown[],
  aside: readonly string[],
): Promise<RawAnswer> {
  const sent = new Headers({ "content-type": "application/json", authorization: `Bearer ${token}` });
  for (const [name, value] of Object.entries(headers))
    if (value === null) sent.delete(name);
    else sent.set(name, value);
  const content: unknown = typeof body === "function" ? body(earlier) : body;
  const response = await fetch(`${url}${path}`, {
    method,
    headers: sent,
    ...(content === undefined
      ? {}
      : { body: typeof content === "string" ? content : JSON.stringify(content) }),
  });
  const text = await response.text();
  const json: unknown = isJson(response) && text !== "" ? JSON.parse(text) : null;
  const parsed = isStream(response) ? eventsOf(text) : (json ?? text);
  return {
    answer: {
      status: response.status,
      headers: Object.fromEntries(comparedHeaders.map((name) => [name, response.headers.get(name) ?? ""])),
      body: settled(parsed, aside),
    },
    json,
  };
}

const typeOf = (response: Response): string => response.headers.get("content-type") ?? "";
const isJson = (response: Response): boolean => typeOf(response).startsWith("application/json");
const isStream = (response: Response): boolean => typeOf(response).startsWith("text/event-stream");

interface StreamEvent {
  event: string | null;
  data: unknown;
}

/** The events of a stream. How a text is cut into deltas is the provider's affair: they are joined. */
function eventsOf(stream: string): StreamEvent[] {
  const events: StreamEvent[] = [];
  for (const block of stream.split("\n\n").filter(Boolean)) {
    const [, event = null, data = block] = /^(?:event: (.*)\n)?data: (.*)$/.exec(block) ?? [];
    const parsed: unknown = data === "[DONE]" ? data : JSON.parse(data);
    const last = events.at(-1);
    if (isDelta(parsed) && isDelta(last?.data)) last.data.delta += parsed.delta;
    else events.push({ event, data: parsed });
  }
  return events;
}

function isDelta(data: unknown): data is { delta: string } {
  return typeof data === "object" && data !== null && "delta" in data;
}

function settled(value: unknown, aside: readonly string[], name = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => settled(item, aside));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => !aside.includes(key))
        .map(([key, item]) => [key, settled(item, aside, key)]),
    );
  if (volatile.test(name) && !isModelId(value)) return `a ${typeof value}`;
  // The id of a call is quoted by the model.
  return typeof value === "string" ? value.replaceAll(/Tool:[\w-]+:/g, "Tool:ID:") : value;
}

/** The ids of models are the same every time. */
const isModelId = (value: unknown): boolean => typeof value === "string" && /^openclaw(\/|$)/.test(value);

import { createOpenClawClient, type OpenClawClient } from "@lobstercontrol/openclaw-client";
import type { TestGateway } from "./fixture.ts";

/** What goes over the wire in place of what the client would send; what is left out stays the client's. */
export interface RawRequest {
  path?: string;
  method?: string;
  /** A text as it is, anything else as JSON. */
  body?: unknown;
  /** On top of the client's; null takes one away. */
  headers?: Record<string, string | null>;
}

/**
 * A client that sends something of ours in place of its own request: what the gateway answers to what the client itself
 * would refuse, and what the client makes of that answer.
 */
export function clientSending(gateway: Pick<TestGateway, "url" | "token">, raw: RawRequest): OpenClawClient {
  return createOpenClawClient({
    baseUrl: gateway.url,
    token: gateway.token,
    fetch: (_, init) => {
      const headers = new Headers(init?.headers);
      for (const [name, value] of Object.entries(raw.headers ?? {}))
        if (value === null) headers.delete(name);
        else headers.set(name, value);
      const body = "body" in raw ? textOf(raw.body) : init?.body;
      const { method = "POST", path = "/v1/responses" } = raw;
      return fetch(`${gateway.url}${path}`, { ...init, method, headers, body: body ?? null });
    },
  });
}

function textOf(body: unknown): string | null {
  return typeof body === "string" || body === null ? body : JSON.stringify(body);
}

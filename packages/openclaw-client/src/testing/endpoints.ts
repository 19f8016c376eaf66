import { badRequest, jsonAnswer, methodNotAllowed, refuse } from "./answers.ts";
import { agentOfModel } from "./route.ts";
import type { MockGateway } from "./types.ts";

const noStore = { "cache-control": "no-store" };

/** The probes, open to everybody; each path has a short form. */
const probes: Record<string, (gateway: MockGateway, version: string) => Response> = {
  health: () => jsonAnswer(200, { ok: true, status: "live" }, noStore),
  ready: ({ ready }) => {
    const failing = ready ? [] : ["gateway-draining"];
    return jsonAnswer(ready ? 200 : 503, { ready, failing, uptimeMs: 1_000 }, noStore);
  },
  startup: ({ ready }, version) => {
    const status = ready ? "started" : "draining";
    return jsonAnswer(ready ? 200 : 503, { ok: ready, status, version, uptimeMs: 1_000 }, noStore);
  },
};

/** The answer of a probe; null for any other path. */
export function answerProbe(
  gateway: MockGateway,
  version: string,
  path: string,
  method: string,
): Response | null {
  const name = /^\/(health|ready|startup)z?$/.exec(path)?.[1] ?? "";
  const probe = probes[name];
  if (probe === undefined) return null;
  return method === "GET" || method === "HEAD" ? probe(gateway, version) : methodNotAllowed("GET, HEAD");
}

/** `GET /v1/models`, and one of them by its id. */
export function answerModels({ agents }: MockGateway, path: string): Response {
  const ids = ["openclaw", "openclaw/default", ...agents.map((agent) => `openclaw/${agent}`)];
  if (path === "/v1/models") return jsonAnswer(200, { object: "list", data: ids.map(modelOf) });
  const id = decodeURIComponent(path.slice("/v1/models/".length));
  if (id === "") return badRequest("Missing model id.");
  if (agentOfModel(id) === undefined) return badRequest("Invalid model id.");
  if (ids.includes(id)) return jsonAnswer(200, modelOf(id));
  const error = { message: `Model '${id}' not found.`, type: "invalid_request_error" };
  return jsonAnswer(404, { error });
}

function modelOf(id: string): object {
  return { id, object: "model", created: 0, owned_by: "openclaw", permission: [] };
}

/** Refuses whoever has not the token; null for those who have it. */
export function checkToken(gateway: MockGateway, headers: Headers): Response | null {
  if (gateway.rateLimitedSeconds !== null)
    return refuse({ status: 429, retryAfterSeconds: gateway.rateLimitedSeconds });
  return bearerOf(headers) === gateway.token ? null : refuse({ status: 401 });
}

/** The token that a request shows. */
export function bearerOf(headers: Headers): string | undefined {
  return /^bearer\s+(.+)$/i.exec(headers.get("authorization") ?? "")?.[1];
}

/** Whether a request came through a proxy: whoever says so is not believed. */
export function isForwarded(headers: Headers): boolean {
  return [...headers.keys()].some((name) => /^(forwarded|x-real-ip|x-forwarded-.*)$/.test(name));
}

import { UnauthorizedError } from "../errors.ts";
import { newLeaseId, newNotificationId } from "../ids.ts";
import type { Logger } from "../logger.ts";
import type { RuntimePort } from "../ports/runtime.ts";
import type { Secret } from "../secret.ts";

/** The token that the control planes of these tests know; assembled, so that no scanner takes it for a real one. */
export const goodToken = ["lcs", "0123456789abcdef0123456789abcdef"].join("_");

export const lease = { notification: newNotificationId(0), id: newLeaseId() };

/** A runtime's port that answers what is given here and refuses the rest. */
export function portOf(calls: Partial<RuntimePort>): RuntimePort {
  const unexpected = async (): Promise<never> => {
    throw new Error("this call was not expected");
  };
  return {
    claim: unexpected,
    begin: unexpected,
    renew: unexpected,
    complete: unexpected,
    fail: unexpected,
    release: unexpected,
    agents: async () => ({ revision: 1, agents: [] }),
    providerKeys: unexpected,
    report: unexpected,
    ...calls,
  };
}

/** A control plane with one runtime, which knows {@link goodToken}. */
export function controlPlaneOf(calls: Partial<RuntimePort>): { runtime(token: Secret): RuntimePort } {
  return {
    runtime(token) {
      if (token.reveal() !== goodToken) throw new UnauthorizedError();
      return portOf(calls);
    },
  };
}

/** A logger that keeps its lines. */
export function keepingLogger(): Logger & { lines: unknown[] } {
  const lines: unknown[] = [];
  const keep = (fields: unknown, message: string): unknown => lines.push([fields, message]);
  return { lines, debug: keep, info: keep, warn: keep, error: keep };
}

/** A POST as a client sends it. */
export function post(path: string, body: unknown, headers: Record<string, string> = {}): Request {
  return new Request(`https://platform.test${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${goodToken}`,
      ...headers,
    },
    body: body instanceof ReadableStream || typeof body === "string" ? body : JSON.stringify(body),
    ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
  });
}

/** The error that an answer tells. */
export async function errorOf(response: Response): Promise<Record<string, unknown>> {
  const { error } = (await response.json()) as { error: Record<string, unknown> };
  return error;
}

/** Lets promises and streams get on, without moving the clock under test. */
export const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

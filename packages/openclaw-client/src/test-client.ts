import { agentSlug, sessionKey } from "@lobstercontrol/core";
import { createOpenClawClient } from "./client.ts";
import { OpenClawError } from "./errors/open-claw-error.ts";
import { createMockGateway } from "./testing/mock-gateway.ts";
import type { MockGateway, MockGatewayOptions } from "./testing/types.ts";
import type { AgentResponse, OpenClawClientOptions, OpenClawClient } from "./types.ts";

/** What every test here says when it does not matter what is said. */
export const agent = agentSlug.parse("main");
export const key = sessionKey({ account: "acme", agent, thread: "thread-1", epoch: 0 });
export const hello = { agent, sessionKey: key, input: "Are you there?" };

/** A client of a mock gateway in memory, without retries. */
export function inMemory(
  options: MockGatewayOptions = {},
  rest: Partial<OpenClawClientOptions> = {},
): { gateway: MockGateway; client: OpenClawClient } {
  const gateway = createMockGateway(options);
  const client = createOpenClawClient({
    baseUrl: "http://gateway.test",
    token: gateway.token,
    fetch: gateway.fetch,
    retries: 0,
    ...rest,
  });
  return { gateway, client };
}

/** A client of a gateway that gives this one answer, without retries. */
export function answering(answer: () => Response | Promise<Response>): OpenClawClient {
  const fetch = async (): Promise<Response> => answer();
  return createOpenClawClient({ baseUrl: "http://gateway.test", token: "t", retries: 0, fetch });
}

/** A client of a gateway that answers everything with a body without an end, and how many bytes of one were read. */
export function endless(): { client: OpenClawClient; pulled: () => number } {
  const chunk = new Uint8Array(65_536).fill(0x20);
  let most = 0;
  const client = answering(() => {
    let bytes = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        bytes += chunk.length;
        most = Math.max(most, bytes);
        if (bytes > 16 * 1_024 * 1_024) controller.close();
        else controller.enqueue(chunk);
      },
    });
    return new Response(body);
  });
  return { client, pulled: () => most };
}

/** The error of a call that must fail. */
export async function failureOf(call: Promise<AgentResponse>): Promise<OpenClawError> {
  try {
    await call;
  } catch (error) {
    if (OpenClawError.isInstance(error)) return error;
    throw new Error(`not an OpenClawError: ${String(error)}`, { cause: error });
  }
  throw new Error("the call did not fail");
}

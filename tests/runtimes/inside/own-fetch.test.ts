/**
 * The client on the `fetch` that the runtime has, which the packages' own tests replace wherever they do not need Node:
 * it must not be called as a method, and its body must end when the run is aborted.
 */
import { agentSlug, sessionKey } from "@lobstercontrol/core";
import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { expect, it } from "vitest";

/** Of a mock gateway; `bundle.ts` fills it in. */
declare const gatewayUrl: string;

const client = createOpenClawClient({ baseUrl: gatewayUrl, token: "mock-token" });
const agent = agentSlug.parse("main");

function to(input: string) {
  return {
    agent,
    sessionKey: sessionKey({ account: "acme", agent, thread: input, epoch: Date.now() }),
    input,
  };
}

it("gets an answer by it", async () => {
  expect((await client.responses.create(to("hello"))).text).toContain("hello");
});

it("aborts a run by it, between two events", async () => {
  const controller = new AbortController();
  const stream = client.responses.stream({ ...to("hang"), signal: controller.signal });
  const abortOnceItRuns = async (): Promise<void> => {
    for await (const { type } of stream) if (type === "response.in_progress") controller.abort();
  };

  await expect(abortOnceItRuns()).rejects.toMatchObject({ code: "ERR_RUN_ABORTED" });
});

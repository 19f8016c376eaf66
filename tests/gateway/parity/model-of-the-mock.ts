import { type MockReply, type MockRun } from "@lobstercontrol/openclaw-client/testing";
import { directivesIn } from "../../../examples/quickstart/gateway/model-directives.ts";
import { replyTo } from "../../../examples/quickstart/gateway/model-reply.ts";

const internalError = { status: 500, code: "api_error", message: "internal error" };

/** Says for the mock what the model provider says behind the real gateway, so that even the words must agree. */
export function modelOfTheMock(run: MockRun): MockReply {
  const { fail, drop, say, tool, length } = directivesIn(run.input);
  if (fail !== undefined) return { fail: { provider: fail, message: `the text asked for a ${fail}` } };
  if (drop) return { fail: { provider: 408 } };
  // The gateway asks again, and hears the same. The mock asks once: its `text` is what the agent says in the end.
  if (say === "" || say === "NO_REPLY") return { fail: internalError };
  if (tool !== undefined && run.tools.some(({ name }) => name === tool.name))
    return { toolCalls: [{ callId: `call_${run.turn}`, ...tool }] };
  const userTexts = run.users.map((words) => words.trim());
  return { text: say ?? replyTo({ agent: run.agent, userTexts }), truncated: length };
}

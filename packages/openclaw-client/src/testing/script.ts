import type { MockReply } from "./reply.ts";
import { unmetChoice, type OfferedTools } from "./tools.ts";

/** A reply with its text decided, since an empty one echoes. */
export type Script = MockReply & { text: string };

const truncationNote =
  "\n\n⚠️ Reply truncated at the model's output token limit. The text above is partial — ask to continue it.";

/** What a reply comes to, given what the run may and must call. */
export function decideScript(reply: MockReply, echo: () => string, offered: OfferedTools): Script {
  if (reply.text === undefined && reply.toolCalls === undefined && offered.required !== null)
    return { ...reply, text: "", toolCalls: [requiredCall(offered)] };
  const unmet = reply.fail === undefined ? unmetChoice(offered, reply) : null;
  if (unmet !== null) return { ...reply, text: "", fail: { status: 502, code: "api_error", message: unmet } };
  return { ...reply, text: reply.toolCalls === undefined ? (reply.text ?? echo()) : "" };
}

/** What a run without words of its own does when it must call a tool. */
function requiredCall({ tools, required }: OfferedTools) {
  const name = (typeof required === "object" ? required?.name : tools[0]?.name) ?? "";
  return { callId: "call_1", name, arguments: "{}" };
}

/** A bug of the test: told where the test will see it. */
export function brokenScript(error: unknown): Script {
  const message = `the mock's reply() threw: ${error instanceof Error ? error.message : String(error)}`;
  return { text: "", fail: { status: 500, code: "api_error", message } };
}

/** Whether something else is answered than a run. */
export const isInstead = ({ refuse: refusal, status }: MockReply): boolean =>
  refusal !== undefined || status !== undefined;

/** Whether the answer is whole where a stream was asked for. */
export const isWhole = (reply: MockReply): boolean => isInstead(reply) || reply.stream === false;

/** The text as it is told whole: a stream has not the note at its end. */
export function toldText({ text, truncated }: Script): string {
  return truncated === true ? text + truncationNote : text;
}

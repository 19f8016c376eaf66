import { headerValue } from "../header-value.ts";
import { refuse } from "../refuse.ts";
import { reservedSessionKey } from "../session-namespace.ts";
import * as is from "./check.ts";
import type { InputItem, ResponseRequest } from "./request.ts";

const source = is.byType({
  url: { url: is.url },
  base64: { mediaType: is.filled, data: is.filled, "filename?": is.text },
});
const said = { text: is.text };
const shown = { source };
const part = is.byType({ input_text: said, output_text: said, input_image: shown, input_file: shown });
const item = is.byType({
  message: {
    role: is.oneOf("user", "assistant", "system", "developer"),
    content: is.textOr(is.text, is.list(part)),
  },
  function_call: { callId: is.filled, name: is.text, arguments: is.text },
  function_call_output: { callId: is.filled, output: is.text },
});
const duration = is.between(0, Number.MAX_SAFE_INTEGER);

/** As strict as the gateway, by the names of this client. */
const request = is.object({
  agent: is.filled,
  "sessionKey?": is.filled,
  "user?": is.filled,
  input: is.textOr(is.filled, is.list(item, 1)),
  "instructions?": is.text,
  "tools?": is.list(is.anything),
  "toolChoice?": is.textOr(is.oneOf("auto", "none", "required"), is.object({ name: is.filled })),
  "maxOutputTokens?": is.whole,
  "temperature?": is.between(0, 2),
  "topP?": is.between(0, 1),
  "metadata?": is.record(is.text),
  "previousResponseId?": is.text,
  "model?": is.filled,
  "headers?": is.record(is.text),
  "signal?": is.anything,
  "timeoutMs?": duration,
  "connectTimeoutMs?": duration,
  "idleTimeoutMs?": duration,
  "retries?": is.between(0, 100),
});

/**
 * Refuses what the gateway would refuse, or misread without a word.
 *
 * @throws {InvalidInputError} `ERR_INVALID_INPUT`, with the field named and its value left out
 */
export function checkRequest(given: ResponseRequest): void {
  request(given, "request");
  const { agent, input, sessionKey, user, model, tools = [], toolChoice } = given;
  headerValue("agent", agent);
  if (model !== undefined) headerValue("model", model);
  if (sessionKey !== undefined) {
    headerValue("sessionKey", sessionKey);
    if (reservedSessionKey.test(sessionKey))
      refuse("sessionKey", "is in a namespace that the gateway keeps for itself");
    // The gateway would run the agent of the key, without a word.
    const [, owner = agent] = /^agent:([^:]+):/i.exec(sessionKey) ?? [];
    if (owner.toLowerCase() !== agent.toLowerCase()) refuse("sessionKey", "is of another agent");
  }
  if ((sessionKey === undefined) === (user === undefined))
    refuse("sessionKey", "either it or user must be given");
  if (typeof input !== "string" && !input.some(speaks)) refuse("input", "has nothing to answer");
  if (typeof toolChoice === "object" && !tools.some(({ name }) => name === toolChoice.name))
    refuse("toolChoice", "names none of the tools");
  if (toolChoice === "required" && tools.length === 0)
    refuse("toolChoice", "requires a tool, and there is none");
}

/** Whether an item gives the agent something to answer; what goes to the system prompt does not. */
function speaks(one: InputItem): boolean {
  if (one.type !== "message") return true;
  return one.role !== "system" && one.role !== "developer" && one.content.length > 0;
}

import type { MockReply } from "./reply.ts";

/** Answers in pieces that a server must send one by one. */
export const tornAnswers = new WeakSet<Response>();

/** Notes it when the reply splits its answer; gives the answer back. */
export function noteTorn(answer: Response, reply: MockReply | null): Response {
  if (reply?.splitAfterBytes !== undefined) tornAnswers.add(answer);
  return answer;
}

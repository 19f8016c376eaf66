import type { z } from "zod";
import { LobsterError } from "../error.ts";
import { InvalidInputError } from "../errors.ts";
import { parse } from "../parse.ts";
import { scrub } from "../scrub.ts";
import { Secret } from "../secret.ts";
import { ControlPlaneAnswerError, UnexpectedError } from "./errors.ts";

/** A call of a port, as the handler serves it: JSON in, JSON out. */
export interface ServedCall<Port> {
  /** What a request may have, in bytes. */
  maxBytes: number;
  /**
   * Checks the request, makes the call, and gives its answer as JSON has it.
   *
   * @throws {LobsterError} and nothing else
   */
  serve(port: Port, body: unknown): Promise<unknown>;
}

/** A call of a port, as the client sends it. */
export interface SentCall<Request, Answer> {
  /** Whether it may be sent again when nobody knows whether it arrived. */
  repeatable: boolean;
  /** The request as JSON has it. */
  encode(request: Request): unknown;
  /** The answer that came. */
  decode(answer: unknown): Answer;
}

/** Room for what is not a long text. */
const smallBytes = 64 * 1024;
/** JSON writes a control character, which is one byte, as six. */
const escaped = 6;

/** What a request with a text of so many bytes may have. */
export const bytesFor = (textBytes: number): number => textBytes * escaped + smallBytes;

/**
 * Describes a call once, for both ends.
 *
 * @param name as in its port, and in its path
 * @param call what it takes and gives, how it is made, and whether a second arrival of the same request is harmless
 */
export function defineCall<Port, Request, Answer>(
  name: string,
  call: {
    request: z.ZodType<Request>;
    answer: z.ZodType<Answer>;
    run: (port: Port, request: Request) => Promise<Answer>;
    repeatable: boolean;
    maxBytes?: number;
  },
): ServedCall<Port> & SentCall<Request, Answer> {
  return {
    repeatable: call.repeatable,
    maxBytes: call.maxBytes ?? smallBytes,
    async serve(port, body) {
      const request = parse(call.request, body, name);
      try {
        return call.answer.encode(await call.run(port, request));
      } catch (error) {
        if (LobsterError.isInstance(error)) throw error;
        throw new UnexpectedError({ cause: scrub(error, secretsIn(request)) });
      }
    },
    encode(request) {
      const result = call.request.safeEncode(withoutUndefined(request) as Request);
      if (result.success) return result.data;
      const [issue] = result.error.issues;
      throw new InvalidInputError({
        field: [name, ...(issue?.path ?? [])].map(String).join("."),
        problem: issue?.message ?? "is not valid",
      });
    },
    decode(answer) {
      const result = call.answer.safeDecode(answer);
      if (result.success) return result.data;
      const field = [name, ...(result.error.issues[0]?.path ?? [])].map(String).join(".");
      throw new ControlPlaneAnswerError({
        problem: `gave an answer that this version does not understand, at ${field}`,
        retryable: false,
      });
    },
  };
}

/** JSON has no `undefined`: a field that is so is left out, as a control plane in this process takes it. */
function withoutUndefined(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, field]) =>
      field === undefined ? [] : [[name, withoutUndefined(field)]],
    ),
  );
}

/** What a program that failed may have quoted. */
function secretsIn(request: unknown): Secret[] {
  return Object.values(request as object).filter((value) => value instanceof Secret);
}

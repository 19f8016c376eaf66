import { LobsterError } from "@lobstercontrol/core";
import { reviveError, wireError } from "@lobstercontrol/core/http";
import { ConvexError, type Value } from "convex/values";

/** What Convex carries of an error of ours: its words and its code. The cause and the stack stay behind. */
export function toConvexError(error: unknown): unknown {
  return LobsterError.isInstance(error) ? new ConvexError(wordsOf(error)) : error;
}

/**
 * The error that was told, made again; anything else as it is. It is one that Convex carries on: an app that does not catch it
 * tells it to its own caller.
 */
function fromConvexError(error: unknown): unknown {
  const told = wireError.safeParse(dataOf(error));
  if (!told.success) return error;
  // By this symbol Convex knows an error whose data it carries, whatever its class.
  return Object.assign(reviveError(told.data), {
    data: told.data,
    [Symbol.for("ConvexError")]: true,
  });
}

const wordsOf = ({ code, message, hint, retryable }: LobsterError) => ({ code, message, hint, retryable });

/** By its field and not its class: there may be two copies of Convex's package. */
function dataOf(error: unknown): Value | undefined {
  return error instanceof Error && "data" in error ? (error as ConvexError<Value>).data : undefined;
}

/** Makes a call whose errors are ours again. */
export async function reviving<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    throw fromConvexError(error);
  }
}

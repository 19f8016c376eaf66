import { toConvexError } from "./convex-error.ts";

/**
 * Runs a function and tells its errors: what it refuses on purpose reaches the caller as data, since Convex hides the words of
 * any other error, and a component's class of error is not its caller's.
 */
export async function telling<Answer>(run: () => Promise<Answer>): Promise<Answer> {
  try {
    return await run();
  } catch (error) {
    throw toConvexError(error);
  }
}

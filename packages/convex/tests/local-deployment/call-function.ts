import { makeFunctionReference } from "convex/server";
import { convexToJson, jsonToConvex, type JSONValue, type Value } from "convex/values";
import type { CalledBy, ConvexTest, Kind, LocalDeploymentOptions, WireCall, WireResult } from "./types.ts";

interface Registered {
  isQuery?: boolean;
  isMutation?: boolean;
  isAction?: boolean;
  isPublic?: boolean;
}

/** Makes what calls functions behind the gate of a deployment: those that are exported, of the right kind, and public. */
export function createCallFunction({ t, modules }: Pick<LocalDeploymentOptions, "t" | "modules">) {
  const anybody = t as ConvexTest;
  const byPath = new Map(
    Object.entries(modules).map(([file, load]) => [
      file
        .replace(/^.*?\/?convex\//, "")
        .replace(/^\.\//, "")
        .replace(/\.[jt]s$/, ""),
      load,
    ]),
  );

  async function kindOf({ path }: WireCall, { isAdmin }: CalledBy): Promise<Kind | null> {
    const [module = "", name = "default"] = path.split(":");
    const loaded = (await byPath.get(module.replace(/\.js$/, ""))?.()) as
      | Record<string, Registered>
      | undefined;
    const found = loaded?.[name];
    if (found === undefined || (found.isPublic !== true && !isAdmin)) return null;
    return found.isQuery === true
      ? "query"
      : found.isMutation === true
        ? "mutation"
        : found.isAction === true
          ? "action"
          : null;
  }

  /**
   * @param wanted the kind that was asked for; null for whatever it is
   */
  return async function callFunction(
    wanted: Kind | null,
    call: WireCall,
    by: CalledBy,
  ): Promise<WireResult & { kind: Kind | null }> {
    const kind = await kindOf(call, by);
    if (kind === null || (wanted !== null && wanted !== kind))
      return { kind, success: false, errorMessage: `Could not find public function for '${call.path}'` };
    const as = by.identity === null ? anybody : anybody.withIdentity(by.identity);
    try {
      const args = jsonToConvex(call.args) as Record<string, Value>;
      const answer = await run(as, kind, call.path, args);
      return { kind, success: true, value: convexToJson(answer ?? null) };
    } catch (error) {
      return { kind, success: false, ...told(error) };
    }
  };
}

function run(
  as: ConvexTest,
  kind: Kind,
  path: string,
  args: Record<string, Value>,
): Promise<Value | undefined> {
  switch (kind) {
    case "query":
      return as.query(makeFunctionReference<"query">(path), args);
    case "mutation":
      return as.mutation(makeFunctionReference<"mutation">(path), args);
    case "action":
      return as.action(makeFunctionReference<"action">(path), args);
  }
}

/** Of an error that is no ConvexError a production deployment tells nothing. */
function told(error: unknown): { errorMessage: string; errorData?: JSONValue } {
  const isTold = typeof error === "object" && error !== null && Symbol.for("ConvexError") in error;
  if (!isTold || !("data" in error)) return { errorMessage: "Server Error" };
  const data =
    typeof error.data === "string"
      ? (JSON.parse(error.data) as JSONValue)
      : convexToJson(error.data as Value);
  return { errorMessage: "Uncaught ConvexError", errorData: data };
}

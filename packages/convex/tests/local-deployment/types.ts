import type { FunctionReference, UserIdentity } from "convex/server";
import type { JSONValue, Value } from "convex/values";

export type Kind = "query" | "mutation" | "action";

/** What of convex-test is used here. */
export interface ConvexTest {
  withIdentity(identity: Partial<UserIdentity>): ConvexTest;
  query(f: FunctionReference<"query">, args: Record<string, Value>): Promise<Value | undefined>;
  mutation(f: FunctionReference<"mutation">, args: Record<string, Value>): Promise<Value | undefined>;
  action(f: FunctionReference<"action">, args: Record<string, Value>): Promise<Value | undefined>;
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

/** How a local deployment is made. */
export interface LocalDeploymentOptions {
  /** The app. */
  t: unknown;
  /** Its modules, by their paths; what `convexTest` was given. */
  modules: Record<string, () => Promise<unknown>>;
  /** Whose token it is; null for nobody's. */
  identityOf(token: string): Partial<UserIdentity> | null;
  /** Opens internal functions, as the admin key of a deployment does. */
  adminKey: string;
}

/** Who calls. */
export interface CalledBy {
  identity: Partial<UserIdentity> | null;
  isAdmin: boolean;
}

/** A call as it travels. */
export interface WireCall {
  path: string;
  args: JSONValue;
}

/** What came of a call, as it travels. */
export type WireResult =
  | { success: true; value: JSONValue }
  | { success: false; errorMessage: string; errorData?: JSONValue };

/** The token is nobody's. */
export class NotSignedIn extends Error {}

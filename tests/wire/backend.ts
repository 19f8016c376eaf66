import type { Secret } from "@lobstercontrol/core";
import { createConvexRuntimePort } from "@lobstercontrol/convex/runtime";
import { ConvexHttpClient } from "convex/browser";
import { createTestApp, modules } from "../../packages/convex/tests/test-app.ts";
import { startLocalDeployment } from "../../packages/convex/tests/local-deployment/start.ts";
import { givenDeployment } from "./given.ts";
import type { AppCallers } from "../../packages/convex/tests/subject.ts";

/** The admin key of the local deployment. */
export const adminKey = "local-admin";

/** A deployment of the test app, and who can call it. */
export interface Backend extends AppCallers {
  url: string;
  /** Cuts the connections of subscribers; null where that is not in our hands. */
  dropSockets: (() => void) | null;
  close(): Promise<void>;
}

/** The test app on convex-test, behind the wire. */
export const startTestApp = () =>
  startLocalDeployment({
    t: createTestApp(),
    modules,
    identityOf: (token) => (token.startsWith("user:") ? { subject: token.slice("user:".length) } : null),
    adminKey,
  });

/** The same, with who can call it. */
export async function startBackend(): Promise<Backend> {
  const deployment = await startTestApp();
  return {
    ...callersOver(deployment.url, adminKey, (client, id) => client.setAuth(`user:${id}`)),
    dropSockets: () => deployment.dropSockets(),
    close: () => deployment.close(),
  };
}

/**
 * Who can call a deployment, each with a real client.
 *
 * @param signIn makes a client that of somebody who has signed in
 */
function callersOver(
  url: string,
  key: string,
  signIn: (client: AdminClient, id: string) => void,
): Omit<Backend, "dropSockets"> {
  return {
    url,
    operator: callerOf(url, (client) => client.setAdminAuth(key)),
    user: (id) => callerOf(url, (client) => signIn(client, id)),
    runtime: (serviceToken: Secret) => createConvexRuntimePort({ url, serviceToken }),
    close: async () => {},
  };
}

/** Convex's client, with what its own command uses and its types hide. */
export type AdminClient = ConvexHttpClient & {
  setAdminAuth(key: string, actingAs?: { subject: string; issuer: string }): void;
};

function callerOf(url: string, open: (client: AdminClient) => void): AppCallers["operator"] {
  const client = new ConvexHttpClient(url, {
    logger: false,
    skipConvexDeploymentUrlCheck: true,
  }) as AdminClient;
  open(client);
  return {
    query: (f, args) => client.query(f as never, args),
    mutation: (f, args) => client.mutation(f as never, args, { skipQueue: true }),
    action: (f, args) => client.action(f as never, args),
  };
}

/** The deployment that was given; null without one. The test app must be on it; see docs/convex.md. */
export function givenBackend(env: NodeJS.ProcessEnv): Backend | null {
  const given = givenDeployment(env);
  if (given === null) return null;
  const { url, adminKey: key } = given;
  const issuer = "https://tests.invalid";
  const actAs = (client: AdminClient, subject: string) => client.setAdminAuth(key, { subject, issuer });
  return { ...callersOver(url, key, actAs), dropSockets: null };
}

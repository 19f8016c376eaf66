import { ConvexClient, ConvexHttpClient } from "convex/browser";
import {
  makeFunctionReference,
  type FunctionArgs,
  type FunctionReference,
  type FunctionReturnType,
} from "convex/server";
import schema from "../../examples/convex-app/convex/schema.ts";
import { issuer, openApp } from "../../packages/convex/tests/local-deployment/open-app.ts";
import { setMasterKey } from "../../packages/convex/tests/master-key.ts";
import type { AdminClient } from "./backend.ts";

/** The functions of the example backend. */
export const exampleFolder = new URL("../../examples/convex-app/convex", import.meta.url).pathname;

/** The example backend with the account acme and its admin Bea, and everybody's clients. */
export interface ExampleBackend {
  url: string;
  /** May call internal functions. */
  operator: AdminClient;
  /** Somebody who has signed in; null for somebody who has not. */
  as(user: string | null): ConvexHttpClient;
  /** What a page of somebody's shows: the answers of a query that it is subscribed to, the newest last. */
  watch<Query extends FunctionReference<"query">>(
    user: string,
    query: Query,
    args: FunctionArgs<Query>,
  ): FunctionReturnType<Query>[];
  close(): Promise<void>;
}

/** Serves the example backend on convex-test, behind the wire. */
export async function openExampleBackend(): Promise<ExampleBackend> {
  setMasterKey();
  const adminKey = "local-admin";
  const deployment = await openApp({ folder: exampleFolder, schema, adminKey });
  const { url } = deployment;
  const pages: ConvexClient[] = [];
  const operator = new ConvexHttpClient(url, { logger: false }) as AdminClient;
  operator.setAdminAuth(adminKey);
  // Twice, as somebody would who is not sure.
  for (let count = 0; count < 2; count++)
    await operator.mutation(makeFunctionReference<"mutation">("seed:acme"), { user: `${issuer}|bea` });

  return {
    url,
    operator,
    as(user) {
      const client = new ConvexHttpClient(url, { logger: false });
      if (user !== null) client.setAuth(`user:${user}`);
      return client;
    },
    watch(user, query, args) {
      const page = new ConvexClient(url, { logger: false });
      pages.push(page);
      page.setAuth(async () => `user:${user}`);
      const shown: FunctionReturnType<typeof query>[] = [];
      page.onUpdate(query, args, (answer) => void shown.push(answer));
      return shown;
    },
    async close() {
      for (const page of pages) await page.close();
      await deployment.close();
    },
  };
}

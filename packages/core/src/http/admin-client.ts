import type { AdminPort } from "../ports/admin.ts";
import type { Secret } from "../secret.ts";
import { adminCalls } from "./admin-calls.ts";
import type { SentCall } from "./call.ts";
import { checkToken, connect, type ClientOptions } from "./connection.ts";

/** How {@link createAdminClient} is set up. */
export interface AdminClientOptions extends ClientOptions {
  /**
   * What the platform's `authorize` takes as `Authorization: Bearer`, for a script. Without it the caller is known by what
   * the browser sends along, a cookie.
   */
  token?: Secret | string;
}

/**
 * The port of an admin, for a page or a script, behind `createAdminHandler`. A call that the control plane does not have is
 * refused with `ERR_INVALID_INPUT`. When no answer comes, calls that only read are sent again, three times in all; the
 * others may have been done, and are not.
 *
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` when the URL is neither `https` nor on loopback, or the token is none
 *
 * @example
 * ```ts
 * import { createAdminClient } from "@lobstercontrol/core/http";
 *
 * const admin = createAdminClient({ url: "https://app.example.com/lobster" });
 * for (const { id, lastError } of (await admin.deadLetters()).items) console.log(id, lastError?.message);
 * ```
 */
export function createAdminClient(options: AdminClientOptions): AdminPort {
  const { send } = connect(options);
  const token = options.token === undefined ? null : checkToken("token", options.token);

  function ask<Request, Answer>(
    name: string,
    call: SentCall<Request, Answer>,
    request: Request,
  ): Promise<Answer> {
    return send(`admin/${name}`, call, request, token);
  }

  return {
    notifications: (request = {}) => ask("notifications", adminCalls.notifications, request),
    deadLetters: (request = {}) => ask("deadLetters", adminCalls.deadLetters, request),
    redrive: (notification) => ask("redrive", adminCalls.redrive, { notification }),
    messages: (request = {}) => ask("messages", adminCalls.messages, request),
    issueServiceToken: () => ask("issueServiceToken", adminCalls.issueServiceToken, {}),
    serviceTokens: () => ask("serviceTokens", adminCalls.serviceTokens, {}),
    revokeServiceToken: (id) => ask("revokeServiceToken", adminCalls.revokeServiceToken, { id }),
    activities: (request = {}) => ask("activities", adminCalls.activities, request),
    upsertProviderKey: (input) => ask("upsertProviderKey", adminCalls.upsertProviderKey, input),
    removeProviderKey: (provider) => ask("removeProviderKey", adminCalls.removeProviderKey, { provider }),
    listProviderKeys: () => ask("listProviderKeys", adminCalls.listProviderKeys, {}),
    runtime: () => ask("runtime", adminCalls.runtime, {}),
    provisionRuntime: (spec) => ask("provisionRuntime", adminCalls.provisionRuntime, spec),
    retryProvision: () => ask("retryProvision", adminCalls.retryProvision, {}),
    destroyRuntime: () => ask("destroyRuntime", adminCalls.destroyRuntime, {}),
    restartRuntime: () => ask("restartRuntime", adminCalls.restartRuntime, {}),
    drainRuntime: () => ask("drainRuntime", adminCalls.drainRuntime, {}),
    resyncRuntime: () => ask("resyncRuntime", adminCalls.resyncRuntime, {}),
    upgradeRuntime: (target) => ask("upgradeRuntime", adminCalls.upgradeRuntime, { target }),
  };
}

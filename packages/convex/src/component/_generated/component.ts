/* eslint-disable */
/**
 * Generated `ComponentApi` utility.
 *
 * THIS CODE IS AUTOMATICALLY GENERATED.
 *
 * To regenerate, run `npx convex dev`.
 * @module
 */

import type { FunctionReference } from "convex/server";

/**
 * A utility for referencing a Convex component's exposed API.
 *
 * Useful when expecting a parameter like `components.myComponent`.
 * Usage:
 * ```ts
 * async function myFunction(ctx: QueryCtx, component: ComponentApi) {
 *   return ctx.runQuery(component.someFile.someQuery, { ...args });
 * }
 * ```
 */
export type ComponentApi<Name extends string | undefined = string | undefined> =
  {
    admin: {
      activities: FunctionReference<
        "query",
        "internal",
        { account: string; after?: string; limit?: number },
        {
          items: Array<{
            id: string;
            type: string;
            actor: string;
            subject: null | string;
            at: number;
          }>;
          next: null | string;
        },
        Name
      >;
      direct: FunctionReference<
        "mutation",
        "internal",
        {
          account: string;
          actor: string;
          kind: "restart" | "drain" | "resync" | "upgrade";
          target: null | string;
        },
        null,
        Name
      >;
      issueServiceToken: FunctionReference<
        "mutation",
        "internal",
        { account: string; actor: string; id: string; hash: string },
        null,
        Name
      >;
      messages: FunctionReference<
        "query",
        "internal",
        { account: string; after?: string; limit?: number },
        {
          items: Array<{
            id: string;
            account: string;
            agent: string;
            thread: string;
            notification: string;
            text: string;
            truncated: boolean;
            repeated: boolean;
            responseId: null | string;
            createdAt: number;
          }>;
          next: null | string;
        },
        Name
      >;
      notifications: FunctionReference<
        "query",
        "internal",
        {
          account: string;
          after?: string;
          limit?: number;
          state?: "pending" | "leased" | "delivered" | "dead";
          agent?: string;
        },
        {
          items: Array<{
            id: string;
            account: string;
            agent: string;
            thread: string;
            idempotencyKey: string;
            maxAttempts: number;
            createdAt: number;
            input: string;
            instructions: null | string;
            state: "pending" | "leased" | "delivered" | "dead";
            position: number;
            attempts: number;
            waits: number;
            notBefore: number;
            lease: null | {
              id: string;
              workerId: string;
              incarnation: string;
              claimId: string;
              until: number;
            };
            attempt: null | {
              number: number;
              leaseId: string;
              sessionKey: string;
              sessionMark: null | Record<
                string,
                string | number | boolean | null
              >;
              outcome: null | "notSent" | "refused" | "ran" | "maybeRan";
              verdictBefore: null | "notRun" | "aborted" | "failed" | "unknown";
            };
            repeated: boolean;
            lastLeaseId: null | string;
            outcome:
              | null
              | "reply"
              | "truncated"
              | "noReply"
              | "heartbeatOk"
              | "empty";
            lastError: null | { code: string; message: string };
            deliveredAt: null | number;
          }>;
          next: null | string;
        },
        Name
      >;
      redrive: FunctionReference<
        "mutation",
        "internal",
        { account: string; actor: string; notification: string },
        null,
        Name
      >;
      revokeServiceToken: FunctionReference<
        "mutation",
        "internal",
        { account: string; actor: string; id: string },
        null,
        Name
      >;
      runtime: FunctionReference<
        "query",
        "internal",
        { account: string },
        {
          status:
            | "provisioning"
            | "online"
            | "degraded"
            | "offline"
            | "error"
            | "destroying"
            | "destroyed";
          conditions: Array<{
            type:
              | "GatewayReachable"
              | "GatewayAuthorized"
              | "ResponsesEnabled"
              | "ProviderAuthorized"
              | "DeliveryHealthy"
              | "KeysActive"
              | "AgentsSynced"
              | "ControlPlaneReachable"
              | "Claiming"
              | "Upgraded"
              | "Heard"
              | "Provisioned";
            status: "true" | "false" | "unknown";
            reason: string;
            message: string;
            evidence?: string;
            runbook: string;
            since: number;
          }>;
          version: null | string;
          gatewayVersion: null | string;
          lastSeenAt: null | number;
        },
        Name
      >;
      serviceTokens: FunctionReference<
        "query",
        "internal",
        { account: string },
        Array<{ id: string; createdAt: number; createdBy: string }>,
        Name
      >;
    };
    delivery: {
      agents: FunctionReference<
        "query",
        "internal",
        { tokenHash: string },
        {
          revision: number;
          agents: Array<{
            slug: string;
            ref: null | string;
            heartbeatEveryMs: null | number;
            files: Array<{ name: string; text: string }>;
            leaving: boolean;
          }>;
        },
        Name
      >;
      begin: FunctionReference<
        "mutation",
        "internal",
        {
          tokenHash: string;
          lease: { notification: string; id: string };
          attempt: {
            sessionMark: null | Record<
              string,
              string | number | boolean | null
            >;
            verdictBefore?: null | "notRun" | "aborted" | "failed" | "unknown";
          };
        },
        null,
        Name
      >;
      claim: FunctionReference<
        "mutation",
        "internal",
        {
          tokenHash: string;
          request: {
            workerId: string;
            incarnation: string;
            claimId: string;
            limit: number;
            leaseMs: number;
          };
          heartbeatInput: string;
          maxAttempts: number;
        },
        {
          account: string;
          claims: Array<{
            claim: {
              lease: { notification: string; id: string };
              agent: string;
              thread: string;
              sessionKey: string;
              input: string;
              instructions: null | string;
              attempt: number;
              maxAttempts: number;
              repeated: boolean;
              previous: null | {
                number: number;
                leaseId: string;
                sessionKey: string;
                sessionMark: null | Record<
                  string,
                  string | number | boolean | null
                >;
                outcome: null | "notSent" | "refused" | "ran" | "maybeRan";
                verdictBefore:
                  null | "notRun" | "aborted" | "failed" | "unknown";
              };
            };
            ref: null | string;
          }>;
        },
        Name
      >;
      complete: FunctionReference<
        "mutation",
        "internal",
        {
          tokenHash: string;
          lease: { notification: string; id: string };
          outcome:
            | {
                kind: "reply" | "truncated";
                text: string;
                responseId: null | string;
              }
            | {
                kind: "noReply" | "heartbeatOk" | "empty";
                responseId: null | string;
              };
        },
        {
          answer: { message: "posted" | "duplicate" | "none" };
          posted: null | {
            message: {
              id: string;
              account: string;
              agent: string;
              thread: string;
              notification: string;
              text: string;
              truncated: boolean;
              repeated: boolean;
              responseId: null | string;
              createdAt: number;
            };
            ref: null | string;
          };
        },
        Name
      >;
      fail: FunctionReference<
        "mutation",
        "internal",
        {
          tokenHash: string;
          lease: { notification: string; id: string };
          failure: {
            outcome: "notSent" | "refused" | "ran" | "maybeRan";
            reason: { code: string; message: string };
            retryable: boolean;
            countsAttempt: boolean;
            retryAfterMs?: number;
          };
          backoff: { baseMs: number; capMs: number };
          random: number;
        },
        { next: "retry" | "dead"; inMs?: number },
        Name
      >;
      holder: FunctionReference<
        "query",
        "internal",
        { tokenHash: string },
        { account: string; token: string },
        Name
      >;
      isThereWork: FunctionReference<
        "query",
        "internal",
        { tokenHash: string },
        { newest: null | string },
        Name
      >;
      release: FunctionReference<
        "mutation",
        "internal",
        { tokenHash: string; lease: { notification: string; id: string } },
        null,
        Name
      >;
      renew: FunctionReference<
        "mutation",
        "internal",
        {
          tokenHash: string;
          lease: { notification: string; id: string };
          leaseMs: number;
        },
        null,
        Name
      >;
      report: FunctionReference<
        "mutation",
        "internal",
        {
          tokenHash: string;
          report: {
            id: string;
            sequence: number;
            workerId: string;
            incarnation: string;
            version: string;
            gatewayVersion: null | string;
            status: "online" | "degraded" | "error" | "offline";
            conditions: Array<{
              type:
                | "GatewayReachable"
                | "GatewayAuthorized"
                | "ResponsesEnabled"
                | "ProviderAuthorized"
                | "DeliveryHealthy"
                | "KeysActive"
                | "AgentsSynced"
                | "ControlPlaneReachable"
                | "Claiming"
                | "Upgraded"
                | "Heard"
                | "Provisioned";
              status: "true" | "false" | "unknown";
              reason: string;
              message: string;
              evidence?: string;
              runbook: string;
              forMs: number;
            }>;
            rosterRevision: number;
            keysGeneration: number;
            keysConfirmed: number;
            nextInMs: number;
            ended: Array<{ id: string; ok: boolean; message: string }>;
          };
        },
        {
          directives: Array<
            | { id: string; kind: "restart" | "drain" | "resync" }
            | { id: string; kind: "upgrade"; target: string }
          >;
          rosterRevision: number;
          keysGeneration: number;
        },
        Name
      >;
    };
    operator: {
      fleet: FunctionReference<
        "query",
        "internal",
        { after: null | string; limit: number },
        {
          items: Array<{
            account: string;
            runtime: {
              status:
                | "provisioning"
                | "online"
                | "degraded"
                | "offline"
                | "error"
                | "destroying"
                | "destroyed";
              conditions: Array<{
                type:
                  | "GatewayReachable"
                  | "GatewayAuthorized"
                  | "ResponsesEnabled"
                  | "ProviderAuthorized"
                  | "DeliveryHealthy"
                  | "KeysActive"
                  | "AgentsSynced"
                  | "ControlPlaneReachable"
                  | "Claiming"
                  | "Upgraded"
                  | "Heard"
                  | "Provisioned";
                status: "true" | "false" | "unknown";
                reason: string;
                message: string;
                evidence?: string;
                runbook: string;
                since: number;
              }>;
              version: null | string;
              gatewayVersion: null | string;
              lastSeenAt: null | number;
            };
          }>;
          next: null | string;
        },
        Name
      >;
    };
    platform: {
      closeAccount: FunctionReference<
        "mutation",
        "internal",
        { account: string },
        null,
        Name
      >;
      messages: FunctionReference<
        "query",
        "internal",
        { after?: string; limit?: number },
        {
          messages: Array<{
            id: string;
            account: string;
            agent: string;
            thread: string;
            notification: string;
            text: string;
            truncated: boolean;
            repeated: boolean;
            responseId: null | string;
            createdAt: number;
          }>;
          cursor: string;
        },
        Name
      >;
      notify: FunctionReference<
        "mutation",
        "internal",
        {
          account: string;
          agent: string;
          thread: string;
          input: string;
          instructions?: string;
          idempotencyKey: string;
          maxAttempts: number;
        },
        string,
        Name
      >;
      removeAgent: FunctionReference<
        "mutation",
        "internal",
        { account: string; agent: string },
        null,
        Name
      >;
      upsertAccount: FunctionReference<
        "mutation",
        "internal",
        { account: string },
        null,
        Name
      >;
      upsertAgent: FunctionReference<
        "mutation",
        "internal",
        {
          account: string;
          agent: string;
          ref?: string;
          heartbeatEveryMs?: number;
          files?: Array<{ name: string; text: string }>;
        },
        null,
        Name
      >;
    };
    provision: {
      byBootstrapToken: FunctionReference<
        "query",
        "internal",
        { hash: string },
        null | string,
        Name
      >;
      page: FunctionReference<
        "query",
        "internal",
        { after: null | string; limit: number; state?: string },
        Array<string>,
        Name
      >;
      read: FunctionReference<
        "query",
        "internal",
        { account: string },
        null | string,
        Name
      >;
      write: FunctionReference<
        "mutation",
        "internal",
        {
          record: string;
          activities: Array<{
            type: string;
            actor: string;
            subject: null | string;
            at: number;
          }>;
        },
        boolean,
        Name
      >;
    };
    secrets: {
      listProviderKeys: FunctionReference<
        "query",
        "internal",
        { account: string },
        Array<{
          provider: string;
          last4: string;
          fingerprint: string;
          generation: number;
          state: "stored" | "active" | "confirmed";
          updatedAt: number;
          updatedBy: string;
        }>,
        Name
      >;
      removeProviderKey: FunctionReference<
        "action",
        "internal",
        { account: string; actor: string; provider: string },
        null,
        Name
      >;
      revealProviderKeys: FunctionReference<
        "action",
        "internal",
        { tokenHash: string },
        { generation: number; keys: Array<{ provider: string; key: string }> },
        Name
      >;
      rewrapProviderKeys: FunctionReference<
        "action",
        "internal",
        { actor: string; cursor: null | string; limit: number },
        {
          cursor: null | string;
          rewrapped: number;
          rejected: number;
          done: boolean;
        },
        Name
      >;
      upsertProviderKey: FunctionReference<
        "action",
        "internal",
        { account: string; actor: string; provider: string; key: string },
        {
          provider: string;
          last4: string;
          fingerprint: string;
          generation: number;
          state: "stored" | "active" | "confirmed";
          updatedAt: number;
          updatedBy: string;
        },
        Name
      >;
    };
    upgrade: {
      step: FunctionReference<"mutation", "internal", {}, boolean, Name>;
    };
    upkeep: {
      forget: FunctionReference<
        "mutation",
        "internal",
        { days: number },
        boolean,
        Name
      >;
    };
  };

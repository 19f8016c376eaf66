import { z } from "zod";
import { agentSlug, notificationId } from "../ids.ts";
import {
  upgradeTarget,
  type Activity,
  type AdminPort,
  type PageRequest,
  type ProviderKeyInfo,
  type RuntimeInfo,
  type ServiceToken,
} from "../ports/admin.ts";
import type { DropletSpecInput } from "../provision/spec.ts";
import { defineCall } from "./call.ts";
import {
  condition,
  label,
  message,
  noAnswer,
  noRequest,
  notification,
  notificationState,
  pageOf,
  runtimeStatus,
  secret,
} from "./schemas.ts";

const pageFields = { after: z.string().max(256).exactOptional(), limit: z.int().exactOptional() };
const page: z.ZodType<PageRequest> = z.strictObject(pageFields);

const activity: z.ZodType<Activity> = z.object({
  id: z.string(),
  type: z.string(),
  actor: z.string(),
  subject: z.string().nullable(),
  at: z.number(),
});

const serviceToken: z.ZodType<ServiceToken> = z.object({
  id: z.string(),
  createdAt: z.number(),
  createdBy: z.string(),
});

const providerKeyInfo: z.ZodType<ProviderKeyInfo> = z.object({
  provider: z.string(),
  last4: z.string(),
  fingerprint: z.string(),
  generation: z.number(),
  state: z.enum(["stored", "active", "confirmed"]),
  updatedAt: z.number(),
  updatedBy: z.string(),
});

const runtimeInfo: z.ZodType<RuntimeInfo> = z.object({
  status: runtimeStatus,
  conditions: z.array(condition),
  version: z.string().nullable(),
  gatewayVersion: z.string().nullable(),
  lastSeenAt: z.number().nullable(),
});

// The provisioner checks it, and names what is wrong in it.
const dropletSpecInput = z.custom<DropletSpecInput>(
  (value) => typeof value === "object" && value !== null,
  "must be a droplet spec",
);

/** Only what reads may be repeated: a second token, redrive or restart is one that nobody asked for. */
export const adminCalls = {
  notifications: defineCall("notifications", {
    request: z.strictObject({
      ...pageFields,
      state: notificationState.exactOptional(),
      agent: agentSlug.exactOptional(),
    }),
    answer: pageOf(notification),
    run: (port: AdminPort, request) => port.notifications(request),
    repeatable: true,
  }),
  deadLetters: defineCall("deadLetters", {
    request: page,
    answer: pageOf(notification),
    run: (port: AdminPort, request) => port.deadLetters(request),
    repeatable: true,
  }),
  redrive: defineCall("redrive", {
    request: z.strictObject({ notification: notificationId }),
    answer: noAnswer,
    run: (port: AdminPort, request) => port.redrive(request.notification),
    repeatable: false,
  }),
  messages: defineCall("messages", {
    request: page,
    answer: pageOf(message),
    run: (port: AdminPort, request) => port.messages(request),
    repeatable: true,
  }),
  issueServiceToken: defineCall("issueServiceToken", {
    request: noRequest,
    answer: z.object({ id: z.string(), token: secret }),
    run: (port: AdminPort) => port.issueServiceToken(),
    repeatable: false,
  }),
  serviceTokens: defineCall("serviceTokens", {
    request: noRequest,
    answer: z.array(serviceToken),
    run: (port: AdminPort) => port.serviceTokens(),
    repeatable: true,
  }),
  revokeServiceToken: defineCall("revokeServiceToken", {
    request: z.strictObject({ id: label }),
    answer: noAnswer,
    run: (port: AdminPort, request) => port.revokeServiceToken(request.id),
    repeatable: false,
  }),
  activities: defineCall("activities", {
    request: page,
    answer: pageOf(activity),
    run: (port: AdminPort, request) => port.activities(request),
    repeatable: true,
  }),
  upsertProviderKey: defineCall("upsertProviderKey", {
    request: z.strictObject({ provider: label, key: secret }),
    answer: providerKeyInfo,
    run: (port: AdminPort, request) => port.upsertProviderKey(request),
    repeatable: false,
  }),
  removeProviderKey: defineCall("removeProviderKey", {
    request: z.strictObject({ provider: label }),
    answer: noAnswer,
    run: (port: AdminPort, request) => port.removeProviderKey(request.provider),
    repeatable: false,
  }),
  listProviderKeys: defineCall("listProviderKeys", {
    request: noRequest,
    answer: z.array(providerKeyInfo),
    run: (port: AdminPort) => port.listProviderKeys(),
    repeatable: true,
  }),
  runtime: defineCall("runtime", {
    request: noRequest,
    answer: runtimeInfo,
    run: (port: AdminPort) => port.runtime(),
    repeatable: true,
  }),
  provisionRuntime: defineCall("provisionRuntime", {
    request: dropletSpecInput,
    answer: noAnswer,
    run: (port: AdminPort, request) => port.provisionRuntime(request),
    repeatable: false,
  }),
  retryProvision: defineCall("retryProvision", {
    request: noRequest,
    answer: noAnswer,
    run: (port: AdminPort) => port.retryProvision(),
    repeatable: false,
  }),
  destroyRuntime: defineCall("destroyRuntime", {
    request: noRequest,
    answer: noAnswer,
    run: (port: AdminPort) => port.destroyRuntime(),
    repeatable: false,
  }),
  restartRuntime: defineCall("restartRuntime", {
    request: noRequest,
    answer: noAnswer,
    run: (port: AdminPort) => port.restartRuntime(),
    repeatable: false,
  }),
  drainRuntime: defineCall("drainRuntime", {
    request: noRequest,
    answer: noAnswer,
    run: (port: AdminPort) => port.drainRuntime(),
    repeatable: true,
  }),
  resyncRuntime: defineCall("resyncRuntime", {
    request: noRequest,
    answer: noAnswer,
    run: (port: AdminPort) => port.resyncRuntime(),
    repeatable: true,
  }),
  upgradeRuntime: defineCall("upgradeRuntime", {
    request: z.strictObject({ target: upgradeTarget }),
    answer: noAnswer,
    run: (port: AdminPort, request) => port.upgradeRuntime(request.target),
    repeatable: false,
  }),
} as const satisfies Record<keyof AdminPort, unknown>;

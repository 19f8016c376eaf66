/**
 * A typed client of the OpenClaw gateway's `POST /v1/responses`. Web standards only.
 *
 * @packageDocumentation
 */
export { parseSessionKey, sessionKey, type SessionKeyParts } from "@lobstercontrol/core";
export { createOpenClawClient } from "./client.ts";
export {
  GatewayRateLimitedError,
  GatewayUnauthorizedError,
  GatewayUnavailableError,
  GatewayUnreachableError,
  ResponsesDisabledError,
} from "./errors/gateway.ts";
export { OpenClawError, type Blame, type OpenClawErrorDetails } from "./errors/open-claw-error.ts";
export { RequestRefusedError } from "./errors/request.ts";
export {
  ConnectionCutError,
  ReplyTooLargeError,
  RunAbortedError,
  RunFailedError,
  RunTimeoutError,
} from "./errors/run.ts";
export type {
  ReplyItem,
  ReplyPlace,
  ResponseEvent,
  ResponseStream,
  StartedResponse,
} from "./responses/events.ts";
export type {
  InputItem,
  InputPart,
  InputSource,
  ResponseRequest,
  Tool,
  ToolParameters,
} from "./responses/request.ts";
export type {
  AgentResponse,
  GatewayProbe,
  OpenClawClient,
  OpenClawClientOptions,
  ProbeParameters,
  Responses,
  TelemetryHooks,
  TokenUsage,
  ToolCall,
} from "./types.ts";

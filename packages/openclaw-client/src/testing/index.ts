/**
 * A gateway for tests: it answers as `openclaw@2026.9.6` does, in memory or on a port of loopback, and fails on demand.
 *
 * @packageDocumentation
 */
export { listenMockGateway, type MockGatewayServer } from "./listen-mock-gateway.ts";
export { createMockGateway } from "./mock-gateway.ts";
export type { MockGatewayProfile } from "./profile.ts";
export type { MockFailure, MockRefusal, MockReply } from "./reply.ts";
export type {
  MockGateway,
  MockGatewayOptions,
  MockRequest,
  MockRun,
  MockSession,
  MockTool,
} from "./types.ts";

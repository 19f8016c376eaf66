/**
 * The loop beside an OpenClaw gateway: it claims an account's notifications, delivers them, and posts the replies.
 *
 * @packageDocumentation
 */
export type { RuntimeEvent } from "./events.ts";
export { createRuntime, type Runtime, type RuntimeOptions } from "./runtime.ts";
export { createRuntimeService, type RuntimeService } from "./service.ts";
export type { KeysSync, RuntimeServiceOptions } from "./service-options.ts";

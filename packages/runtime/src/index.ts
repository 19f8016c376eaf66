/**
 * The loop beside an OpenClaw gateway: it claims an account's notifications, delivers them, and posts the replies.
 *
 * @packageDocumentation
 */
export type { RuntimeEvent } from "./events.ts";
export { createRuntime, type Runtime, type RuntimeOptions } from "./runtime.ts";

/**
 * How a runtime reaches a control plane on Convex. Web standards only.
 *
 * @packageDocumentation
 */
export { createConvexRuntimePort, type ConvexRuntimePortOptions } from "./create-convex-runtime-port.ts";

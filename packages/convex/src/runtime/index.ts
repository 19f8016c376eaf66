/**
 * How a runtime reaches a control plane on Convex. Web standards only.
 *
 * @packageDocumentation
 */
export {
  createConvexBootstrapPort,
  type ConvexBootstrapPortOptions,
} from "./create-convex-bootstrap-port.ts";
export { createConvexRuntimePort, type ConvexRuntimePortOptions } from "./create-convex-runtime-port.ts";
export type { CallerOptions } from "./quiet-client.ts";

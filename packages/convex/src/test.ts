/// <reference types="vite/client" />
/**
 * For tests of an app with convex-test, under vitest.
 *
 * @packageDocumentation
 */
import type { TestConvex } from "convex-test";
import type { GenericSchema, SchemaDefinition } from "convex/server";
import schema from "./component/schema.ts";

const modules = import.meta.glob("./component/**/*.ts");

/**
 * Registers the component with convex-test.
 *
 * @param t what `convexTest` made
 * @param name as in `app.use(lobsterControl, { name })`
 */
export function register(
  t: TestConvex<SchemaDefinition<GenericSchema, boolean>>,
  name = "lobsterControl",
): void {
  t.registerComponent(name, schema, modules);
}

export default { register, schema, modules };

import { refuse } from "../refuse.ts";
import type { Tool } from "./request.ts";

/**
 * A tool on the wire. Its schema is in the strict subset that models can be held to: every property required, none
 * beyond those named.
 *
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` when the schema has no such form
 */
export function toolDefinition(tool: Tool, at: number): object {
  const { name, description, parameters } = tool;
  const field = `tools.${at}`;
  if (typeof name !== "string" || name === "") refuse(`${field}.name`, "must be a text, and not empty");
  let schema: Record<string, unknown>;
  try {
    const { jsonSchema } = parameters["~standard"];
    // To text and back: what is left is plain JSON, whatever the library hangs onto it.
    schema = JSON.parse(JSON.stringify(jsonSchema.input({ target: "draft-2020-12" }))) as typeof schema;
  } catch {
    refuse(`${field}.parameters`, "has no JSON schema");
  }
  delete schema["$schema"];
  if (schema["type"] !== "object") refuse(`${field}.parameters`, "must be an object");
  return {
    type: "function",
    name,
    ...(description === undefined ? {} : { description }),
    parameters: strictly(schema, `${field}.parameters`),
    strict: true,
  };
}

/** Closes every object of a schema, and refuses what is open by intent. */
function strictly(schema: unknown, field: string): unknown {
  if (Array.isArray(schema)) return schema.map((inner, at) => strictly(inner, `${field}.${at}`));
  if (typeof schema !== "object" || schema === null) return schema;
  const { properties, additionalProperties, required, ...rest } = schema as Record<string, unknown>;
  const result: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(rest))
    // What these hold is data of the caller, even where it looks like a schema.
    result[name] = ["default", "const", "enum", "examples"].includes(name)
      ? inner
      : strictly(inner, `${field}.${name}`);
  if (rest["type"] !== "object") return result;
  if (typeof additionalProperties === "object" || additionalProperties === true || "propertyNames" in rest)
    refuse(field, "must name all its keys");
  const inner = Object.entries((properties ?? {}) as Record<string, unknown>);
  const needed = new Set((required ?? []) as string[]);
  for (const [name] of inner)
    if (!needed.has(name)) refuse(`${field}.${name}`, "must not be optional; use .nullable()");
  result["properties"] = Object.fromEntries(
    inner.map(([name, property]) => [name, strictly(property, `${field}.${name}`)]),
  );
  result["required"] = inner.map(([name]) => name);
  result["additionalProperties"] = false;
  return result;
}

import { readFileSync } from "node:fs";
import addFormats from "ajv-formats";
import { OpenAPIBackend, type Document } from "openapi-backend";

/** A request, as it came over the wire. */
export interface WireRequest {
  method: string;
  /** With the query. */
  path: string;
  headers: Headers;
  /** The body as it was sent, byte for byte; empty for none. */
  text: string;
}

/** DigitalOcean's own document of its API, as a judge of requests and answers. */
export interface Contract {
  /** The operation of a request; null when the document has none. */
  operationOf(request: WireRequest): { id: string; scopes: readonly string[] } | null;
  /** What is wrong with a request; empty when nothing is. */
  checkRequest(request: WireRequest): string[];
  /** What is wrong with an answer to a request. */
  checkAnswer(request: WireRequest, answer: { status: number; headers: Headers; text: string }): string[];
}

type Json = Record<string, unknown>;

/**
 * Reads the document.
 *
 * Beside what its schemas say, it takes no property of a body that the document does not name, and no repeated key: the real API
 * would ignore a misspelt one without a word, or worse.
 *
 * @param file `digitalocean-openapi.min.json`; see `document.ts`
 */
export async function createContract(file: string): Promise<Contract> {
  const definition = JSON.parse(readFileSync(file, "utf8")) as Document & Json;
  const api = new OpenAPIBackend({
    definition,
    quick: true,
    strict: false,
    // Its patterns escape what a strict regular expression does not let them escape.
    ajvOpts: { strict: false, allErrors: true, unicodeRegExp: false },
    customizeAjv: (ajv) => addFormats.default(ajv),
  });
  await api.init();
  const { router, validator } = api;

  const toRouter = ({ method, path, headers, text }: WireRequest) => ({
    method,
    path,
    headers: Object.fromEntries(headers),
    ...(text === "" ? {} : { body: parse(text) }),
  });
  const match = (request: WireRequest) => router.matchOperation(toRouter(request)) ?? null;

  return {
    operationOf(request) {
      const operation = match(request);
      if (operation === null) return null;
      const scopes = (operation.security ?? []).flatMap((alternative) => Object.values(alternative).flat());
      return { id: operation.operationId ?? "", scopes };
    },

    checkRequest(request) {
      const operation = match(request);
      const name = `${request.method} ${request.path}`;
      if (operation === null) return [`${name}: the document has no such operation`];
      if (request.text !== "" && JSON.stringify(parse(request.text)) !== request.text)
        return [`${name}: the body is no JSON, or repeats a key`];
      const { errors } = validator.validateRequest(toRouter(request), operation);
      const schema = at(operation, ["requestBody", "content", "application/json", "schema"]);
      return [
        ...(errors ?? []).map((error) => `${name}: ${error.instancePath} ${error.message ?? ""}`),
        ...(request.text === "" ? [] : unknownKeys(parse(request.text), schema, "body")).map(
          (key) => `${name}: unknown property ${key}`,
        ),
        ...(request.headers.get("content-type") === (request.text === "" ? null : "application/json")
          ? []
          : [`${name}: wrong content type`]),
      ];
    },

    checkAnswer(request, { status, headers, text }) {
      const operation = match(request);
      if (operation === null) return [];
      const name = `${request.method} ${request.path} → ${status}`;
      const documented = Object.keys(operation.responses ?? {});
      if (!documented.includes(String(status)) && !documented.includes("default"))
        return [`${name}: the document has no such status`];
      const response =
        at(operation, ["responses", String(status)]) ?? at(operation, ["responses", "default"]);
      const schema = at(response, ["content", "application/json", "schema"]);
      const wanted = Object.keys((at(response, ["headers"]) as Json | undefined) ?? {});
      const missing = wanted.filter((key) => !headers.has(key)).map((key) => `${name}: no header ${key}`);
      if (schema === undefined)
        return text === "" ? missing : [...missing, `${name}: the document has no body here`];
      const body = parse(text);
      if (body === undefined) return [...missing, `${name}: no JSON`];
      const { errors } = validator.validateResponse(body, operation, status);
      return [
        ...(errors ?? []).map((error) => `${name}: ${error.instancePath} ${error.message ?? ""}`),
        ...(status < 300 ? unknownKeys(body, schema, "body") : []).map(
          (key) => `${name}: unknown property ${key}`,
        ),
        ...missing,
      ];
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function at(value: unknown, path: string[]): unknown {
  return path.reduce<unknown>((found, key) => (isObject(found) ? found[key] : undefined), value);
}

/** The properties that no schema names. The document itself never forbids any. */
function unknownKeys(value: unknown, schema: unknown, path: string): string[] {
  if (Array.isArray(value)) {
    const items = alternatives(schema).map((one) => one["items"]);
    return value.flatMap((item, index) => unknownKeys(item, { allOf: items }, `${path}[${index}]`));
  }
  if (!isObject(value)) return [];
  const named = alternatives(schema)
    .map((one) => one["properties"])
    .filter(isObject);
  // An object of which the document names nothing may hold anything.
  if (named.length === 0) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const schemas = named.filter((properties) => key in properties).map((properties) => properties[key]);
    return schemas.length === 0
      ? [`${path}.${key}`]
      : unknownKeys(item, { allOf: schemas }, `${path}.${key}`);
  });
}

/** A schema and all that it is made of. */
function alternatives(schema: unknown): Json[] {
  if (!isObject(schema)) return [];
  const parts = ["allOf", "anyOf", "oneOf"].flatMap((key) => (Array.isArray(schema[key]) ? schema[key] : []));
  return [schema, ...parts.flatMap(alternatives)];
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

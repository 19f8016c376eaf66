import { systemClock, type Clock } from "../clock.ts";
import { InvalidInputError } from "../errors.ts";
import { scrubbedLogger, silentLogger, type Logger } from "../logger.ts";
import { errorAnswer, refusal, resultAnswer } from "./answers.ts";
import { ControlPlaneUnreachableError } from "./errors.ts";
import { arrivalMs, readBody } from "./read-body.ts";

/** Answers requests as the web has them, in whatever serves them. It never rejects. */
export type Handler = (request: Request) => Promise<Response>;

/** What both handlers can be told. */
export interface HandlerOptions {
  /** What stands before `/v1/` in the path, such as `/lobster`; nothing by default. */
  prefix?: string;
  /** Where failures of the control plane go. Default: nowhere. */
  logger?: Logger;
  /** Measures how long a request takes to arrive, and the keep-alive of `watch`. Default: the machine's clock. */
  clock?: Clock;
}

/** One call at its path. */
export interface Route {
  /** What a request may have, in bytes. */
  maxBytes: number;
  /**
   * Checks who asks, before anything is read.
   *
   * @returns makes the call with the body
   */
  open(request: Request): Promise<(body: unknown) => Promise<unknown>>;
}

/**
 * Serves calls: POST, JSON in, JSON out.
 *
 * @param routes by their path
 * @param options where failures are told, and whose time
 * @param special answers what is no such call; null for what it does not know
 */
export function createHandler(
  routes: ReadonlyMap<string, Route>,
  options: HandlerOptions,
  special: (request: Request, path: string) => Promise<Response | null> = async () => null,
): Handler {
  const logger = scrubbedLogger(options.logger ?? silentLogger);
  const clock = options.clock ?? systemClock;

  async function answer(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname;
    const route = routes.get(path);
    if (route === undefined) return (await special(request, path)) ?? unknownPath();
    if (request.method !== "POST") return wrongMethod("POST");
    if (!isJson(request)) return wrongType();
    const call = await route.open(request);
    const body = await readBody(request, route.maxBytes, clock);
    return body === null ? late() : resultAnswer(await call(body.json));
  }

  return async (request) => {
    try {
      return await answer(request);
    } catch (error) {
      return errorAnswer(error, logger);
    }
  };
}

/** The paths of a table of calls. */
export function routesOf<Call extends { maxBytes: number }>(
  calls: Readonly<Record<string, Call>>,
  root: string,
  open: (request: Request, call: Call, name: string) => ReturnType<Route["open"]>,
): [path: string, Route][] {
  return Object.entries(calls).map(([name, call]) => [
    `${root}/${name}`,
    { maxBytes: call.maxBytes, open: (request) => open(request, call, name) },
  ]);
}

/** @throws {InvalidInputError} `ERR_INVALID_INPUT` */
export function checkPrefix(prefix = ""): string {
  if (!/^(\/[\w.~-]+)*$/.test(prefix))
    throw new InvalidInputError({ field: "prefix", problem: "must be a path such as /lobster" });
  return prefix;
}

/** The answer to a path that is no call here. */
export const unknownPath = (): Response =>
  refusal(
    404,
    new InvalidInputError({
      field: "path",
      problem: "is no call of this handler; a client's url ends where the handler's prefix does, before /v1",
    }),
  );

/** The answer to another method than the one there is. */
export const wrongMethod = (allow: string): Response =>
  refusal(405, new InvalidInputError({ field: "method", problem: `must be ${allow}` }), { allow });

const wrongType = (): Response =>
  refusal(415, new InvalidInputError({ field: "content-type", problem: "must be application/json" }));

const late = (): Response =>
  refusal(
    408,
    new ControlPlaneUnreachableError({ reason: `the request did not arrive within ${arrivalMs} ms` }),
  );

/** A page of another origin cannot send this type without the browser asking first, which nothing here answers. */
function isJson(request: Request): boolean {
  const [type = ""] = (request.headers.get("content-type") ?? "").split(";");
  return type.trim().toLowerCase() === "application/json";
}

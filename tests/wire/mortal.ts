/** Actions that can die. Convex takes an action for dead when its machine is gone: nothing of it runs any more, and nobody repeats it. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { GenericActionCtx, GenericDataModel } from "convex/server";

type Ctx = GenericActionCtx<GenericDataModel>;
type Handler = (ctx: Ctx, args: unknown) => Promise<unknown>;
/** Where convex-test looks for what a function does. */
const handlerKey = "_handler";
type Module = Record<string, unknown>;

/** The action is gone. */
export class Killed extends Error {}

/** The life of the actions of an app. */
export interface Mortality {
  /** What the actions have done so far, one line for each thing; each is a moment at which one can die. */
  readonly moments: readonly string[];
  /** The modules of an app, with actions that can die: when they begin, and after each thing that they do. */
  modules(of: Record<string, () => Promise<unknown>>): Record<string, () => Promise<unknown>>;
  /** A `fetch` that ends with the action that calls it; anybody else's is left alone. */
  fetch(send: typeof globalThis.fetch): typeof globalThis.fetch;
}

/**
 * Makes actions mortal.
 *
 * @param diesAt the moment at which one dies, from 1; null for never
 */
export function createMortality(diesAt: number | null): Mortality {
  const moments: string[] = [];
  const lives = new AsyncLocalStorage<{ dead: boolean }>();

  function moment(life: { dead: boolean }, name: string): void {
    moments.push(name);
    life.dead = moments.length === diesAt;
    if (life.dead) throw new Killed(name);
  }

  /** A call: of one who is dead it is not done, and of what was done when it died nobody learns. */
  function mortalCall<Call extends (...args: never[]) => Promise<unknown>>(name: string, call: Call): Call {
    const mortalOne = async (...args: Parameters<Call>): Promise<unknown> => {
      const life = lives.getStore();
      if (life?.dead === true) throw new Killed();
      const answer = await call(...args);
      if (life !== undefined) moment(life, name);
      return answer;
    };
    // The same call; its types are generic in a way that no wrapper can follow.
    return mortalOne as Call;
  }

  const mortalHandler =
    (name: string, handler: Handler): Handler =>
    async (ctx, args) =>
      await lives.run({ dead: false }, async () => {
        moment(lives.getStore()!, `${name} begins`);
        return await handler(
          {
            ...ctx,
            runQuery: mortalCall("a query", ctx.runQuery),
            runMutation: mortalCall("a mutation", ctx.runMutation),
            scheduler: {
              ...ctx.scheduler,
              runAfter: mortalCall("a schedule", ctx.scheduler.runAfter),
            },
          },
          args,
        );
      });

  /** The function itself, but for its handler. */
  const mortal = <Thing>(name: string, thing: Thing): Thing =>
    isAction(thing)
      ? new Proxy(thing, {
          get: (of, key) =>
            key === handlerKey ? mortalHandler(name, of[handlerKey]) : (Reflect.get(of, key) as unknown),
        })
      : isRouter(thing)
        ? new Proxy(thing, {
            get: (of, key) =>
              key === "lookup"
                ? (...asked: unknown[]) =>
                    of.lookup(...asked)?.map((found) => mortal(String(asked[0]), found)) ?? null
                : (Reflect.get(of, key) as unknown),
          })
        : thing;

  return {
    moments,
    fetch: (send) => mortalCall("a request", send),
    modules: (of) =>
      Object.fromEntries(
        Object.entries(of).map(([file, load]) => [
          file,
          async () =>
            Object.fromEntries(
              Object.entries((await load()) as Module).map(([name, value]) => [name, mortal(name, value)]),
            ),
        ]),
      ),
  };
}

function isAction(thing: unknown): thing is { [handlerKey]: Handler } {
  return typeof thing === "function" && handlerKey in thing && ("isAction" in thing || "isHttp" in thing);
}

function isRouter(thing: unknown): thing is { lookup(...asked: unknown[]): unknown[] | null } {
  return typeof thing === "object" && thing !== null && "isRouter" in thing;
}

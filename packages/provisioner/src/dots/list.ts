import { DropletApiError } from "@lobstercontrol/core";
import type { z } from "zod";
import { page } from "./answers.ts";
import type { Done } from "./exchange.ts";
import { read } from "./read.ts";
import type { DotsRequest } from "./request.ts";

/** 200 things each. A list that goes on and on is no list. */
const maxPages = 100;

/** Reads every page of a list. */
export type List = <Item>(
  requestOf: (page: number) => DotsRequest,
  schema: z.ZodType<Item[]>,
  idOf: (item: Item) => number | string,
) => Promise<Item[]>;

export function createList(done: (request: DotsRequest) => Promise<Done>): List {
  return async (requestOf, schema, idOf) => {
    let total: number | undefined;
    const items = new Map<number | string, ReturnType<typeof schema.parse>[number]>();
    for (let number = 1; number <= maxPages; number++) {
      const request = requestOf(number);
      const answer = await done(request);
      // By our own count: the address that it names could be anybody's.
      const { links, meta } = read(request.call, answer, page);
      total ??= meta.total;
      for (const item of read(request.call, answer, schema)) items.set(idOf(item), item);
      // What goes from an earlier page while a later one is read moves another thing out of sight. Whoever takes a list
      // for whole may then make what is there already.
      if (meta.total !== total) throw changed(request.call, answer);
      if (links?.pages?.next !== undefined) continue;
      if (number > 1 && items.size !== total) throw changed(request.call, answer);
      return [...items.values()];
    }
    throw new DropletApiError({
      outcome: "unknown",
      reason: "garbled",
      problem: `${requestOf(1).call} did not end after ${maxPages} pages.`,
    });
  };
}

function changed(call: string, { status, requestId }: Done): DropletApiError {
  return new DropletApiError({
    outcome: "unknown",
    reason: "conflict",
    problem: `${call} changed while it was read.`,
    status,
    requestId,
  });
}

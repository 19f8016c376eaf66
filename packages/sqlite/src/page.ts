import { InvalidInputError, limits, type Page, type PageRequest } from "@lobstercontrol/core";

/** How many rows a page has. */
export function pageLimit(limit = 100): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > limits.page)
    throw new InvalidInputError({
      field: "limit",
      problem: `must be a whole number from 1 to ${limits.page}`,
    });
  return limit;
}

/** A page of rows that are listed newest first: the cursor is the place of the last one. */
export function newestFirst<Row extends { seq: number }, T>(
  request: PageRequest,
  rows: (before: number, limit: number) => Row[],
  item: (row: Row) => T,
): Page<T> {
  if (request.after !== undefined && !/^\d{1,15}$/.test(request.after))
    throw new InvalidInputError({ field: "after", problem: "must be the cursor of an earlier page" });
  const limit = pageLimit(request.limit);
  // One more than asked for tells whether there is a next page.
  const found = rows(
    request.after === undefined ? Number.MAX_SAFE_INTEGER : Number(request.after),
    limit + 1,
  );
  const page = found.slice(0, limit);
  return { items: page.map(item), next: found.length > limit ? String(page.at(-1)!.seq) : null };
}

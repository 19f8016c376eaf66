import { InvalidInputError, limits, sizeOf, type Page, type PageRequest } from "@lobstercontrol/core";

/** How many rows are read at once. A page may end with the first of them, when its texts are long. */
const stepRows = 16;

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
  const before = request.after === undefined ? Number.MAX_SAFE_INTEGER : Number(request.after);
  const found = readPage(before, pageLimit(request.limit), rows);
  return { items: found.rows.map(item), next: found.more ? String(found.last) : null };
}

/**
 * Rows behind a place, up to a limit, and fewer when their texts are long: whoever reads a page stops the event loop for it.
 *
 * @param from the place
 * @param rows some of those that come next
 * @returns the rows, the place of the last one, and whether there are more
 */
export function readPage<Row extends { seq: number }>(
  from: number,
  limit: number,
  rows: (from: number, limit: number) => Row[],
): { rows: Row[]; last: number; more: boolean } {
  const taken: Row[] = [];
  let last = from;
  let characters = 0;
  for (;;) {
    const most = Math.min(stepRows, limit - taken.length);
    // One more than is taken tells whether there are more.
    const found = rows(last, most + 1);
    for (const row of found.slice(0, most)) {
      taken.push(row);
      last = row.seq;
      characters += sizeOf(row);
      if (characters > limits.pageCharacters) return { rows: taken, last, more: row !== found.at(-1) };
    }
    const more = found.length > most;
    if (!more || taken.length === limit) return { rows: taken, last, more };
  }
}

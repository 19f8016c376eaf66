import { InvalidInputError, limits, sizeOf, type Page } from "@lobstercontrol/core";

/** How many rows may have been stored at the very same time as a cursor's. */
const ties = 16;

/** What a query of one index has in common with every other, newest first. */
interface Rows<Row> {
  take(count: number): Promise<Row[]>;
}

interface Stored {
  _id: string;
  _creationTime: number;
}

/** How many rows a page has. */
export function pageLimit(limit = 100): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > limits.page)
    throw new InvalidInputError({
      field: "limit",
      problem: `must be a whole number from 1 to ${limits.page}`,
    });
  return limit;
}

/**
 * A page of rows that are listed newest first. The cursor is the time and the id of the last one, so that no row is
 * skipped or told twice.
 *
 * @param request which page
 * @param rows those stored at this time or before, newest first
 * @param show a row as it is shown; what it reads counts against the page
 */
export async function newestFirst<Row extends Stored, Item>(
  request: { after?: string; limit?: number },
  rows: (until: number) => Rows<Row>,
  show: (row: Row) => Promise<Item> | Item,
): Promise<Page<Item>> {
  const limit = pageLimit(request.limit);
  const cursor = readCursor(request.after);
  // One more than asked for tells whether there is a next page.
  const found =
    cursor === null ? await rows(Infinity).take(limit + 1) : await rows(cursor.at).take(limit + 1 + ties);
  const left = cursor === null ? found : behind(cursor, found);
  const items: Item[] = [];
  let characters = 0;
  let last: Row | null = null;
  for (const row of left.slice(0, limit)) {
    const item = await show(row);
    items.push(item);
    last = row;
    characters += sizeOf(item);
    // A function may read 16 MiB; a thousand messages of half a megabyte are more.
    if (characters > limits.pageCharacters) break;
  }
  const next = last !== null && left.length > items.length ? `${last._creationTime}:${last._id}` : null;
  return { items, next };
}

interface Cursor {
  at: number;
  id: string;
}

function behind<Row extends Stored>({ at, id }: Cursor, found: Row[]): Row[] {
  const place = found.findIndex((row) => row._creationTime === at && row._id === id);
  return place < 0 ? found.filter((row) => row._creationTime < at) : found.slice(place + 1);
}

function readCursor(after: string | undefined): Cursor | null {
  if (after === undefined) return null;
  const [, at, id] = /^(\d{1,16}(?:\.\d{1,16})?):([\w;]{1,64})$/.exec(after) ?? [];
  if (at === undefined || id === undefined)
    throw new InvalidInputError({ field: "after", problem: "must be the cursor of an earlier page" });
  return { at: Number(at), id };
}

import type { StoredText } from "@lobstercontrol/secrets";
import type { Database } from "./database.ts";
import type { Turn } from "./turn.ts";

/** A few at a time: one of them may be a quarter megabyte. */
const rowsAtOnce = 20;

interface TextRow extends StoredText {
  /** The row's place in its table. */
  seq: number;
}

/** Each gives the rows of a table behind a place in it; a column that is null has no text. */
const sources: readonly string[] = [
  `SELECT c.notification AS seq, n.account, 'input of notification ' || n.id AS place, c.input AS text
   FROM contents c JOIN notifications n ON n.seq = c.notification
   WHERE c.notification > ?1 ORDER BY c.notification LIMIT ?2`,
  `SELECT c.notification AS seq, n.account, 'instructions of notification ' || n.id AS place, c.instructions AS text
   FROM contents c JOIN notifications n ON n.seq = c.notification
   WHERE c.notification > ?1 ORDER BY c.notification LIMIT ?2`,
  `SELECT seq, account, 'last error of notification ' || id AS place, last_error AS text
   FROM notifications WHERE seq > ?1 ORDER BY seq LIMIT ?2`,
  `SELECT seq, account, 'message ' || id AS place, text FROM messages WHERE seq > ?1 ORDER BY seq LIMIT ?2`,
  `SELECT seq, account, 'subject of activity ' || id AS place, subject AS text
   FROM activities WHERE seq > ?1 ORDER BY seq LIMIT ?2`,
];

/**
 * What people, agents and gateways wrote that stands in the file in clear. Reads in pieces, so that the event loop and other
 * calls get their turn.
 */
export async function* storedTexts(database: Database, turn: Turn): AsyncIterable<StoredText> {
  for (const source of sources) {
    for (let after = 0; ;) {
      const rows: TextRow[] = await turn.read(() => database.all<TextRow>(source, after, rowsAtOnce));
      yield* rows
        .filter(({ text }) => text !== null)
        .map(({ account, place, text }) => ({ account, place, text }));
      if (rows.length < rowsAtOnce) break;
      after = rows.at(-1)!.seq;
    }
  }
  // Few and small: an account has a handful of agents.
  yield* await turn.read(() =>
    database
      .all<StoredText>("SELECT account, 'files of agent ' || slug AS place, files AS text FROM agents")
      .map((row) => ({ ...row })),
  );
}

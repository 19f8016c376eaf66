import { appendFileSync, closeSync, existsSync, openSync, readFileSync, readSync } from "node:fs";

/** Lines of JSON in a file, which survive the kill of whoever writes them. Several processes may write to the same one. */
export interface Journal<Entry> {
  /** Returns once the kernel has it. */
  write(entry: Entry): void;
  /** All entries so far, oldest first. */
  read(): Entry[];
  /** How many there are; cheap, since only what is new is looked at. */
  count(): number;
}

const lineBreak = 10;

export function openJournal<Entry>(path: string): Journal<Entry> {
  const piece = new Uint8Array(64 * 1024);
  let [counted, at] = [0, 0];

  function count(): number {
    if (!existsSync(path)) return 0;
    const file = openSync(path, "r");
    for (let bytes; (bytes = readSync(file, piece, 0, piece.length, at)) > 0; at += bytes)
      counted += piece.subarray(0, bytes).filter((byte) => byte === lineBreak).length;
    closeSync(file);
    return counted;
  }

  return {
    count,
    // The line break comes first, so that a line that a kill tore does not spoil the one after it.
    write: (entry) => appendFileSync(path, `\n${JSON.stringify(entry)}`),
    read: () =>
      existsSync(path)
        ? readFileSync(path, "utf8")
            .split("\n")
            .flatMap(parsed<Entry>)
        : [],
  };
}

function parsed<Entry>(line: string): Entry[] {
  try {
    return [JSON.parse(line) as Entry];
  } catch {
    return [];
  }
}

const shownCharacters = 500;
const keptCharacters = 64 * 1024;

/** Keeps the end of a program's output. */
export interface LastLines {
  /** Takes output as it comes, in pieces of any size. */
  add: (text: string) => void;
  /** The lines kept, oldest first; the last one may be unfinished. */
  lines: () => string[];
}

/**
 * Keeps the last lines of a program's output, in bounded memory whatever it prints.
 *
 * @param count how many lines; what a line has over 500 characters is left out
 * @param clean applied to whole lines, before they are cut: half a secret would no longer look like one
 */
export function lastLines(count: number, clean: (line: string) => string): LastLines {
  const show = (line: string) => {
    const cleaned = clean(line);
    return cleaned.length > shownCharacters ? `${cleaned.slice(0, shownCharacters)}…` : cleaned;
  };
  let kept: string[] = [];
  let unfinished = "";
  return {
    add(text) {
      const lines = (unfinished + text).split("\n");
      unfinished = (lines.pop() ?? "").slice(0, keptCharacters);
      kept = [...kept, ...lines.filter((line) => line.trim() !== "").map(show)].slice(-count);
    },
    lines: () => (unfinished.trim() === "" ? kept : [...kept, show(unfinished)]).slice(-count),
  };
}

/** Numbers as Markdown. */

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** The median, and the least and the most when there are several. */
export function spread(values: readonly number[], digits: number): string {
  if (values.length === 0) return "";
  if (values.length === 1) return figure(values[0]!, digits);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${figure(median(values), digits)} (${figure(low, digits)}–${figure(high, digits)})`;
}

export function figure(value: number, digits: number): string {
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A table; its first column is text, the others are numbers. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(head),
    line(head.map((_, at) => (at === 0 ? "---" : "---:"))),
    ...rows.map((row) => line(row)),
  ].join("\n");
}

import { variables } from "./variables.ts";

/** The table of all variables in Markdown, made from their schema; in the form that the formatter leaves alone. */
export function configTable(): string {
  const rows = Object.entries(variables.shape).map(([name, schema]) => {
    const usual = schema.safeParse(undefined).data;
    return [
      `\`${name}\``,
      usual === undefined ? "" : `\`${JSON.stringify(usual).replaceAll('"', "")}\``,
      schema.meta()?.description ?? "",
    ];
  });
  const table = [["variable", "default", "what it is"], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const line = (cells: string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = "", ...body] = table.map(line);
  return [head, line(widths.map((width) => "-".repeat(width))), ...body].join("\n");
}

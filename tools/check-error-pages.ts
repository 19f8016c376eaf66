/** Every error code has a page `docs/errors/CODE.md`, which the error's `docs` points to, and every page has its code. */
import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";

const codes = new Map<string, string>();
for (const file of globSync("packages/*/src/**/*.ts", { exclude: ["**/*.test.ts"] })) {
  for (const [, code = ""] of readFileSync(file, "utf8").matchAll(
    /static (?:override )?readonly code = "(ERR_\w+)"/g,
  ))
    codes.set(code, file);
}
const pages = new Set(globSync("docs/errors/ERR_*.md").map((file) => basename(file, ".md")));
const index = readFileSync("docs/errors/index.md", "utf8");

const problems = [
  ...[...codes]
    .filter(([code]) => !pages.has(code))
    .map(([code, file]) => `${file}: ${code} has no page docs/errors/${code}.md`),
  ...[...pages]
    .filter((page) => !codes.has(page))
    .map((page) => `docs/errors/${page}.md: no error has this code`),
  ...[...pages]
    .filter((page) => !index.includes(`(./${page}.md)`))
    .map((page) => `docs/errors/index.md: does not list ${page}`),
];
for (const problem of problems) console.error(problem);
console.log(`${codes.size} error codes, ${pages.size} pages, ${problems.length} problems`);
process.exitCode = problems.length > 0 || codes.size === 0 ? 1 : 0;

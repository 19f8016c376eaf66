import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string): string => readFileSync(root + path, "utf8");

const types = Array.from(
  /export type ConditionType =([^;]+);/
    .exec(read("packages/core/src/ports/health.ts"))?.[1]
    ?.matchAll(/"(\w+)"/g) ?? [],
  ([, type]) => type,
);

it("promise 11: every condition has its runbook, and every runbook its condition", () => {
  expect(types.length).toBeGreaterThan(10);
  const pages = globSync("*.md", { cwd: `${root}docs/runbooks` }).map((file) => basename(file, ".md"));
  expect(new Set(pages)).toEqual(new Set(types));
});

it("promise 11: every reason that the runtime gives is in a runbook", () => {
  const files = globSync("src/**/*.ts", {
    cwd: `${root}packages/runtime`,
    exclude: ["**/*.test.ts", "**/test-*.ts"],
  });
  const sources = files.map((file) => read(`packages/runtime/${file}`)).join("\n");
  const said = [
    ...sources.matchAll(/\breason: "([A-Z]\w+)"/g),
    ...sources.matchAll(/(?:finding|controlPlaneFailed|no|unknown)\((?:conditions, )?"([A-Z][a-z]\w+)"/g),
    ...sources.matchAll(/(?:yes|no): \["([A-Z]\w+)"/g),
    ...sources.matchAll(/^ {2}([A-Z]\w+): "The runtime /gm),
  ].map(([, reason = ""]) => reason);
  expect(new Set(said).size).toBeGreaterThan(30);
  const runbooks = types.map((type) => read(`docs/runbooks/${type}.md`)).join("\n");
  const missing = said.filter((reason) => !runbooks.includes(`\`${reason}\``));
  expect(missing).toEqual([]);
});

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { configPage } from "../src/config/page.ts";

it("the page on the configuration is what the schema says; make it with tests/make-config-page.ts", () => {
  const page = readFileSync(new URL("../../../docs/runtime-config.md", import.meta.url), "utf8");
  expect(page).toBe(configPage());
});

import { globSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { webStandardPackages } from "./packages.ts";

const packagesFolder = resolve(import.meta.dirname, "../../packages");

/** A test file that runs in every runtime. */
export interface TestFile {
  /** Such as `core/src/clock.test.ts`. */
  name: string;
  path: string;
}

/** Those of the web-standard packages, but for what is for Node; and ours. Type tests run nowhere, so they are none. */
export function testFiles(): TestFile[] {
  const own = { name: "own-fetch.test.ts", path: join(import.meta.dirname, "inside", "own-fetch.test.ts") };
  const theirs = globSync(inEachPackage("{src,tests}/**/*.test.ts"))
    .filter((path) => !isForNode(path))
    .map((path) => ({ name: relative(packagesFolder, path).replaceAll("\\", "/"), path }))
    .toSorted((a, b) => a.name.localeCompare(b.name));
  return [...theirs, own];
}

/** The files that tests of these packages read. */
export function fixtureFiles(): string[] {
  return globSync(inEachPackage("{fixtures,vectors}/**"), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

/** Whether a file of a package is for Node. */
export function isForNode(path: string): boolean {
  return webStandardPackages.some(({ name, forNode = [] }) =>
    forNode.some((part) => `${path}/`.startsWith(join(packagesFolder, name, part, "/"))),
  );
}

function inEachPackage(pattern: string): string[] {
  return webStandardPackages.map(({ name }) => join(packagesFolder, name, pattern));
}

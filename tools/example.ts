/** `pnpm example [NAME] [options]`: runs `examples/NAME/main.ts`, the quickstart when no name is given. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [first, ...rest] = process.argv.slice(2);
const named = first !== undefined && !first.startsWith("--");
const name = named ? first : "quickstart";
const names = readdirSync("examples").filter((folder) => existsSync(`examples/${folder}/main.ts`));

if (names.includes(name)) {
  const main = `${process.cwd()}/examples/${name}/main.ts`;
  // The same process, so that signals and the exit code are the example's own.
  process.argv = [process.execPath, main, ...(named ? rest : process.argv.slice(2))];
  await import(pathToFileURL(main).href);
} else {
  console.error(`There is no example ${JSON.stringify(name)}. There are:\n`);
  for (const known of names) console.error(`  ${known.padEnd(16)} ${description(known)}`);
  process.exitCode = 1;
}

function description(folder: string): string {
  const manifest = JSON.parse(readFileSync(`examples/${folder}/package.json`, "utf8")) as {
    description?: string;
  };
  return manifest.description ?? "";
}

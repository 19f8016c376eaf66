/**
 * What it takes of Node to read a fixture, where there is no Node: the fixtures came along in the bundle, by their paths.
 */
import { fixtures } from "./bundled-fixtures.ts";

export const fileURLToPath = (url: URL | string): string => decodeURIComponent(new URL(url).pathname);

export const join = (...parts: string[]): string => parts.join("/");

export function readdirSync(folder: string): string[] {
  const inside = Object.keys(fixtures).filter((path) => path.startsWith(`${folder}/`));
  return [...new Set(inside.map((path) => path.slice(folder.length + 1).split("/")[0] ?? ""))];
}

export function readFileSync(path: string | URL, _encoding: "utf8"): string {
  const text = fixtures[path instanceof URL ? fileURLToPath(path) : path];
  if (text === undefined) throw new Error(`${String(path)} is no fixture`);
  return text;
}

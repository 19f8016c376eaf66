import { readFileSync, statSync } from "node:fs";
import { Secret } from "@lobstercontrol/core";

/** What became of reading a token from a file. */
export type TokenFile =
  | { found: "token"; token: Secret; isPrivate: boolean }
  | { found: "nothing" }
  | { found: "problem"; problem: string };

/**
 * Reads a token, as a person or a program wrote it: with or without a newline at its end.
 *
 * @param path the file
 */
export function readTokenFile(path: string): TokenFile {
  let token: string;
  let mode: number;
  try {
    token = readFileSync(path, "utf8").trim();
    mode = statSync(path).mode;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    return code === "ENOENT"
      ? { found: "nothing" }
      : { found: "problem", problem: `names a file that cannot be read (${code})` };
  }
  if (token === "") return { found: "nothing" };
  if (!/^[\x21-\x7e]{1,512}$/.test(token))
    return { found: "problem", problem: "names a file that is not one line of printable ASCII" };
  return { found: "token", token: new Secret(token), isPrivate: (mode & 0o077) === 0 };
}

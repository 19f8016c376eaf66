import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Secret } from "@lobstercontrol/core";
import type { TokenSource } from "../config/read-config.ts";
import { createDurably, writeDurably } from "../write-durably.ts";

/**
 * The token of a source; one that is not there yet is made, and on the disk before this resolves (256 random bits).
 *
 * @param source where it is, or belongs
 * @param prefix what it begins with, such as `lcs_`
 */
export async function keepToken(source: TokenSource, prefix: string): Promise<Secret> {
  if (source.token !== null) return source.token;
  const made = `${prefix}${randomBytes(32).toString("base64url")}`;
  if (await createDurably(source.file, `${made}\n`)) return new Secret(made);
  // Somebody was faster: theirs is the one. An empty file is nobody's.
  const there = (await readFile(source.file, "utf8")).trim();
  if (there !== "") return new Secret(there);
  await writeDurably(source.file, `${made}\n`);
  return new Secret(made);
}

import type { ProviderKeyInfo } from "@lobstercontrol/core";
import type { KeysGenerations } from "../secret-store.ts";

/**
 * How far a provider key has come (promise 9). It is derived each time, and stored nowhere: a gateway that is proven to hold
 * an older generation again makes the key `stored` again.
 *
 * @param version the keys generation in which the key was stored
 * @param generations how far the account has come
 */
export function keyState(version: number, { active, confirmed }: KeysGenerations): ProviderKeyInfo["state"] {
  if (version > active) return "stored";
  return version > confirmed ? "active" : "confirmed";
}

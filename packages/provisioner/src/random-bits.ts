import { Secret } from "@lobstercontrol/core";

/** 128 random bits, in hex. */
export function newNonce(): string {
  return hex(crypto.getRandomValues(new Uint8Array(16)));
}

/** A new bootstrap token: 256 random bits behind a prefix that scanners for leaked secrets can look for. */
export function newBootstrapToken(): Secret {
  return new Secret(`lcb_${hex(crypto.getRandomValues(new Uint8Array(32)))}`);
}

/** Has the form of a bootstrap token, and opens nothing: to see what user-data comes to. */
export const placeholderToken = new Secret(`lcb_${"0".repeat(64)}`);

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

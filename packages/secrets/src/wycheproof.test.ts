import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decrypt, encrypt } from "./aes-gcm.ts";

interface Vectors {
  testGroups: {
    keySize: number;
    ivSize: number;
    tagSize: number;
    tests: {
      tcId: number;
      comment: string;
      key: string;
      iv: string;
      aad: string;
      msg: string;
      ct: string;
      tag: string;
      result: "valid" | "invalid";
    }[];
  }[];
}

// Not ours, so it is not in the repository; see tools/fetch-data.mjs.
const folder = process.env["LOBSTER_DATA"] ?? join(import.meta.dirname, "../../../../shared/data");
const file = join(folder, "wycheproof-aes-256-gcm-96.json");
const present = existsSync(file);

describe.skipIf(!present)(
  "Wycheproof's AES-256-GCM cases with 96-bit nonces, through the vault's own primitive",
  () => {
    const groups = present ? (JSON.parse(readFileSync(file, "utf8")) as Vectors).testGroups : [];
    const cases = groups.flatMap(({ tests }) => tests);
    const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

    it("are all there", () => {
      expect(
        groups.every(({ keySize, ivSize, tagSize }) => keySize === 256 && ivSize === 96 && tagSize === 128),
      ).toBe(true);
      expect(cases.filter(({ result }) => result === "valid")).toHaveLength(39);
      expect(cases.filter(({ result }) => result === "invalid")).toHaveLength(27);
    });

    it.each(cases)("$result: case $tcId, $comment", async ({ key: hex, iv, aad, msg, ct, tag, result }) => {
      const key = await crypto.subtle.importKey(
        "raw",
        bytes(hex) as Uint8Array<ArrayBuffer>,
        "AES-GCM",
        false,
        ["encrypt", "decrypt"],
      );

      const opened = await decrypt(key, bytes(iv), bytes(aad), bytes(ct + tag));

      if (result === "invalid") {
        expect(opened).toBeNull();
        return;
      }
      expect(Buffer.from(opened!).toString("hex")).toBe(msg);
      const sealed = await encrypt(key, bytes(iv), bytes(aad), bytes(msg));
      expect(Buffer.from(sealed).toString("hex")).toBe(ct + tag);
    });
  },
);

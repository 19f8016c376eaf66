import { ecb } from "@noble/ciphers/aes.js";
import { describe, expect, it } from "vitest";
import { derive } from "../tests/independent-reader.ts";
import { decrypt } from "./aes-gcm.ts";
import { EnvelopeRejectedError } from "./errors.ts";
import { fromHex, toBase64Url, toHex } from "./test-bytes.ts";
import { contextOf, masterKey, ringKey, vaultOf } from "./test-vault.ts";

/**
 * One ciphertext that AES-GCM accepts under two keys. The tag is a polynomial over GF(2^128) in the key's own point, so
 * one free block of ciphertext makes the tags of both keys the same.
 */
async function openableUnderTwoKeys(
  keys: readonly [Uint8Array, Uint8Array],
  nonce: Uint8Array,
  aads: readonly [Uint8Array, Uint8Array],
): Promise<Uint8Array> {
  const zero = new Uint8Array(16);
  const counter = Uint8Array.from([...nonce, 0, 0, 0, 1]);
  const points = await Promise.all(keys.map(async (key) => field(await aesBlock(key, zero))));
  const masks = await Promise.all(keys.map(async (key) => field(await aesBlock(key, counter))));
  const aadBlocks = aads.map((aad) => blocksOf(aad));
  const lengths = aads.map((aad) => (BigInt(aad.length * 8) << 64n) | 128n);
  // With the free block c: tag = (aad, then c) of degree two and the lengths of degree one, in the point, plus the mask.
  const known = [0, 1].map((key) => {
    const point = points[key]!;
    let sum = 0n;
    for (const block of aadBlocks[key]!) sum = multiply(sum ^ block, point);
    sum = multiply(sum, point);
    return multiply(sum ^ lengths[key]!, point) ^ masks[key]!;
  });
  const squares = points.map((point) => multiply(point, point));
  const free = multiply(known[0]! ^ known[1]!, inverse(squares[0]! ^ squares[1]!));
  const tag = known[0]! ^ multiply(free, squares[0]!);
  return Uint8Array.from([...bytes(free), ...bytes(tag)]);
}

async function aesBlock(key: Uint8Array, block: Uint8Array): Promise<Uint8Array> {
  return ecb(key, { disablePadding: true }).encrypt(block);
}

const field = (block: Uint8Array): bigint => BigInt(`0x${toHex(block)}`);
const bytes = (element: bigint): Uint8Array => fromHex(element.toString(16).padStart(32, "0"));

function blocksOf(aad: Uint8Array): bigint[] {
  const padded = new Uint8Array(Math.ceil(aad.length / 16) * 16);
  padded.set(aad);
  return Array.from({ length: padded.length / 16 }, (_, block) =>
    field(padded.slice(block * 16, block * 16 + 16)),
  );
}

/** The product in GF(2^128), with the first bit as the lowest power. */
function multiply(a: bigint, b: bigint): bigint {
  let product = 0n;
  let power = b;
  for (let bit = 127n; bit >= 0n; bit--) {
    if ((a >> bit) & 1n) product ^= power;
    power = power & 1n ? (power >> 1n) ^ (0xe1n << 120n) : power >> 1n;
  }
  return product;
}

/** a^(2^128 - 2) */
function inverse(a: bigint): bigint {
  const one = 1n << 127n;
  let result = one;
  let power = a;
  for (let bit = 1; bit < 128; bit++) {
    power = multiply(power, power);
    result = multiply(result, power);
  }
  return result;
}

describe("an envelope crafted to open under two keys", () => {
  it("opens under the one that it commits to, and not under the other", async () => {
    const context = contextOf();
    const created = "1764000000000";
    const nonce = Uint8Array.from({ length: 12 }, (_, index) => index);
    const masters = [masterKey(1), masterKey(2)] as const;
    const derived = masters.map((master) => derive(master, "k1", context, created));
    const sealed = await openableUnderTwoKeys([derived[0]!.key, derived[1]!.key], nonce, [
      derived[0]!.aad,
      derived[1]!.aad,
    ]);

    // AES-GCM takes it under either key: the forgery is a good one.
    for (const { key: raw, aad } of derived) {
      const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]);
      expect(await decrypt(key, nonce, aad, sealed)).toHaveLength(16);
    }

    const payload = toBase64Url(Uint8Array.from([...nonce, ...sealed]));
    const vaults = [vaultOf(ringKey("k1", 1)), vaultOf(ringKey("k1", 2))];
    for (const committed of [0, 1]) {
      const commitment = toBase64Url(derived[committed]!.commitment);
      const envelope = `lce1.k1.${created}.${commitment}.${payload}`;
      expect((await vaults[committed]!.openBytes(envelope, context)).reveal()).toHaveLength(16);
      await expect(vaults[1 - committed]!.openBytes(envelope, context)).rejects.toThrow(
        EnvelopeRejectedError,
      );
    }
  });
});

import { readFileSync } from "node:fs";
import { createKeyRing, createVault, type SealContext } from "@lobstercontrol/secrets";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../src/test-bytes.ts";
import { derive, openIndependently } from "./independent-reader.ts";

interface Vector {
  name: string;
  masterKeyHex: string;
  keyId: string;
  context: SealContext;
  createdAt: number;
  nonceHex: string;
  plaintextHex: string;
  infoHex: string;
  subkeyHex: string;
  commitmentHex: string;
  aadHex: string;
  envelope: string;
}

const { vectors } = JSON.parse(
  readFileSync(new URL("../vectors/envelope-v1.json", import.meta.url), "utf8"),
) as { vectors: Vector[] };

function vaultOf(vector: Vector) {
  return createVault({
    keyRing: createKeyRing({
      keys: [{ id: vector.keyId, secret: fromHex(vector.masterKeyHex), status: "active" }],
    }),
    clock: { now: () => vector.createdAt },
    random: () => fromHex(vector.nonceHex),
  });
}

describe.each(vectors)("the vector of $name", (vector) => {
  it("is opened", async () => {
    const opened = await vaultOf(vector).openBytes(vector.envelope, vector.context);
    expect(toHex(opened.reveal())).toBe(vector.plaintextHex);
  });

  it("is sealed, byte by byte", async () => {
    expect(await vaultOf(vector).seal(fromHex(vector.plaintextHex), vector.context)).toBe(vector.envelope);
  });

  it("is opened by a reader that shares nothing with the package", () => {
    const keys = new Map([[vector.keyId, fromHex(vector.masterKeyHex)]]);
    expect(toHex(openIndependently(vector.envelope, keys, vector.context))).toBe(vector.plaintextHex);
    const derived = derive(
      fromHex(vector.masterKeyHex),
      vector.keyId,
      vector.context,
      String(vector.createdAt),
    );
    expect(toHex(derived.info)).toBe(vector.infoHex);
    expect(toHex(derived.key)).toBe(vector.subkeyHex);
    expect(toHex(derived.commitment)).toBe(vector.commitmentHex);
    expect(toHex(derived.aad)).toBe(vector.aadHex);
  });
});

it("are eleven, and none went missing", () => {
  expect(vectors).toHaveLength(11);
});

it("whatever is sealed today is opened by the independent reader", async () => {
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
  const context = fc.record({
    purpose: text,
    account: text,
    provider: text,
    record: text,
    version: fc.maxSafeNat(),
  });
  const masterKey = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((key) => new Set(key).size > 1);
  await fc.assert(
    fc.asyncProperty(masterKey, context, fc.uint8Array({ maxLength: 100 }), async (key, bound, plaintext) => {
      const keyRing = createKeyRing({ keys: [{ id: "k-1", secret: key, status: "active" }] });
      const envelope = await createVault({ keyRing }).seal(plaintext, bound);
      expect(toHex(openIndependently(envelope, new Map([["k-1", key]]), bound))).toBe(toHex(plaintext));
    }),
  );
});

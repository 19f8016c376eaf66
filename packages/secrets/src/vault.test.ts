import { InvalidInputError, Secret, TooLargeError } from "@lobstercontrol/core";
import { createFakeClock } from "@lobstercontrol/core/testing";
import * as fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { SealContext } from "./context.ts";
import { EnvelopeRejectedError } from "./errors.ts";
import { createKeyRing } from "./key-ring.ts";
import { fromBase64Url, toBase64Url } from "./test-bytes.ts";
import { contextOf, masterKey, ringKey, vaultOf } from "./test-vault.ts";
import { createVault, type Vault } from "./vault.ts";

const vault = vaultOf();
const context = contextOf();

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 15 });
const anyContext = fc.record({
  purpose: text,
  account: text,
  provider: text,
  record: text,
  version: fc.maxSafeNat(),
});

/** All rejections are the same error, word for word, and none has a cause. */
async function expectRejected(
  envelope: string,
  bound: SealContext = context,
  by: Vault = vault,
): Promise<void> {
  for (const open of [by.open, by.openBytes, by.rewrap]) {
    const error: unknown = await open(envelope, bound).then(
      () => new Error("It was opened."),
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(EnvelopeRejectedError);
    expect(JSON.stringify(error)).toBe(JSON.stringify(new EnvelopeRejectedError()));
    expect(Object.keys(error as object)).toEqual(Object.keys(new EnvelopeRejectedError()));
    expect(error).not.toHaveProperty("cause");
  }
}

describe("what was sealed is opened", () => {
  it("for any bytes and any context", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), anyContext, async (bytes, bound) => {
        const opened = await vault.openBytes(await vault.seal(bytes, bound), bound);
        expect([...opened.reveal()]).toEqual([...bytes]);
      }),
    );
  });

  it("for any text", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), async (plaintext) => {
        expect((await vault.open(await vault.seal(plaintext, context), context)).reveal()).toBe(plaintext);
      }),
    );
  });

  it.each(["", "\0", "\uFEFFa byte order mark", "é", "e\u0301", "😀", "\uFFFD"])(
    "for the text %j",
    async (plaintext) => {
      expect((await vault.open(await vault.seal(plaintext, context), context)).reveal()).toBe(plaintext);
    },
  );

  it.each([
    ["a secret text", new Secret("hunter2")],
    ["secret bytes", new Secret(new TextEncoder().encode("hunter2"))],
    ["bytes in the middle of others", new TextEncoder().encode("a hunter2 b").subarray(2, 9)],
  ])("for %s", async (_, plaintext) => {
    const opened = await vault.open(await vault.seal(plaintext, context), context);
    expect(opened).toBeInstanceOf(Secret);
    expect(opened.reveal()).toBe("hunter2");
  });

  it("up to 1 MiB", async () => {
    const most = new Uint8Array(1024 * 1024).fill(7);
    const opened = await vault.openBytes(await vault.seal(most, context), context);
    expect(opened.reveal().length === most.length && opened.reveal().every((byte) => byte === 7)).toBe(true);
    await expect(vault.seal(new Uint8Array(most.length + 1), context)).rejects.toThrow(
      new TooLargeError({ field: "plaintext", bytes: most.length + 1, limitBytes: most.length }),
    );
  });

  it("whatever else is opened at the same time", async () => {
    const lengths = [1, 40, 3_000, 65_536, 100_000, 200];
    const sealed = await Promise.all(
      lengths.map(async (length, record) => {
        const secret = String(record).repeat(length);
        const bound = { ...context, record: String(record) };
        return { secret, bound, envelope: await vault.seal(secret, bound) };
      }),
    );
    // The one has its subkey, the other has to wait for it.
    for (const by of [vault, vaultOf()]) {
      const opened = await Promise.all(sealed.map(({ envelope, bound }) => by.open(envelope, bound)));
      expect(opened.map((each) => each.reveal())).toEqual(sealed.map(({ secret }) => secret));
    }
  });

  it("by another vault on the same keys", async () => {
    const envelope = await vault.seal("hunter2", context);
    expect((await vaultOf().open(envelope, context)).reveal()).toBe("hunter2");
  });
});

describe("an envelope", () => {
  it("is printable ASCII that tells its format, key and time", async () => {
    const clock = createFakeClock();
    const keyRing = createKeyRing({ keys: [ringKey("2026-11", 1)] });
    const envelope = await createVault({ keyRing, clock }).seal("hunter2", context);
    expect(envelope).toMatch(/^lce1\.2026-11\.\d+\.[\w-]{43}\.[\w-]{47}$/);
    expect(vault.inspect(envelope)).toEqual({ version: 1, keyId: "2026-11", createdAt: clock.now() });
  });

  it("shares neither nonce nor ciphertext with ten thousand others of the same text", async () => {
    const nonces = new Set<string>();
    const ciphertexts = new Set<string>();
    const commitments = new Set<string>();
    for (let batch = 0; batch < 100; batch++) {
      const envelopes = await Promise.all(Array.from({ length: 100 }, () => vault.seal("hunter2", context)));
      for (const envelope of envelopes) {
        const [, , , commitment = "", payload = ""] = envelope.split(".");
        commitments.add(commitment);
        nonces.add(payload.slice(0, 16));
        ciphertexts.add(payload.slice(16));
      }
    }
    expect([nonces.size, ciphertexts.size, commitments.size]).toEqual([10_000, 10_000, 1]);
  });

  it("takes its nonce from `random`, and from nothing else", async () => {
    const keyRing = createKeyRing({ keys: [ringKey("k1", 1)] });
    const nonce = Uint8Array.from({ length: 12 }, (_, index) => index);
    const asked: number[] = [];
    const random = (length: number): Uint8Array => {
      asked.push(length);
      return nonce;
    };
    const envelope = await createVault({ keyRing, random }).seal("hunter2", context);
    expect(envelope.split(".")[4]!.slice(0, 16)).toBe(toBase64Url(nonce));
    expect(asked).toEqual([12]);
  });

  it.each([
    ["too few bytes", () => new Uint8Array(11)],
    ["too many", () => new Uint8Array(13)],
    ["none", () => undefined as never],
    ["no bytes", () => Array.from({ length: 12 }) as never],
  ])("is not made when `random` gives %s", async (_, random) => {
    const keyRing = createKeyRing({ keys: [ringKey("k1", 1)] });
    await expect(createVault({ keyRing, random }).seal("x", context)).rejects.toThrow(
      "random: must give as many bytes as it is asked for.",
    );
  });

  it.each([Number.NaN, -1, 1e15, Infinity])("is not made when the clock gives %d", async (now) => {
    const keyRing = createKeyRing({ keys: [ringKey("k1", 1)] });
    await expect(createVault({ keyRing, clock: { now: () => now } }).seal("x", context)).rejects.toThrow(
      "clock: must give milliseconds since the epoch.",
    );
  });

  it.each([
    [0, 0],
    [1e15 - 1, 1e15 - 1],
    [1.9, 1],
  ])("is made when the clock gives %d", async (now, createdAt) => {
    const keyRing = createKeyRing({ keys: [ringKey("k1", 1)] });
    const sealing = createVault({ keyRing, clock: { now: () => now } });
    const envelope = await sealing.seal("x", context);
    expect(sealing.inspect(envelope).createdAt).toBe(createdAt);
    expect((await sealing.open(envelope, context)).reveal()).toBe("x");
  });
});

describe("an altered envelope is refused, and always in the same words", () => {
  it("when any one bit of any byte is another", async () => {
    const envelope = await vault.seal("hunter2", context);
    for (let place = 0; place < envelope.length; place++) {
      for (let bit = 0; bit < 8; bit++) {
        const altered = envelope.charCodeAt(place) ^ (1 << bit);
        await expectRejected(
          envelope.slice(0, place) + String.fromCharCode(altered) + envelope.slice(place + 1),
        );
      }
    }
  }, 60_000);

  it("when any one bit of what base64 stands for is another", async () => {
    const parts = (await vault.seal("hunter2", context)).split(".");
    for (const part of [3, 4]) {
      const bytes = fromBase64Url(parts[part]!);
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const altered = Uint8Array.from(bytes);
        altered[bit >> 3]! ^= 1 << (bit & 7);
        await expectRejected(parts.with(part, toBase64Url(altered)).join("."));
      }
    }
  }, 60_000);

  it("when it is shorter, at either end", async () => {
    const envelope = await vault.seal("hunter2", context);
    for (let length = 0; length < envelope.length; length++) {
      await expectRejected(envelope.slice(0, length));
      await expectRejected(envelope.slice(envelope.length - length));
    }
  }, 60_000);

  it("when there is more of it", async () => {
    const envelope = await vault.seal("hunter2", context);
    const more = [".", "A", "AA", "AAA", "AAAA", " ", "\n", "\0", "=", "==", ".AAAA", "é", envelope];
    for (const extra of more) {
      await expectRejected(envelope + extra);
      await expectRejected(extra + envelope);
      await expectRejected(envelope.replace(/\.(?=[^.]*$)/, `.${extra}`));
      await expectRejected(envelope.replace(/^lce1\./, `lce1.${extra}`));
    }
  });

  it("when parts of two envelopes are put together", async () => {
    const keyRing = createKeyRing({ keys: [ringKey("k1", 1), ringKey("k2", 2, "decryptOnly")] });
    const clock = createFakeClock();
    const first = createVault({ keyRing, clock });
    const a = (await first.seal("a", context)).split(".");
    clock.advance(1);
    const b = (await first.seal("b", context)).split(".");
    const c = (await first.seal("c", contextOf({ account: "other" }))).split(".");
    const d = (await vaultOf(ringKey("k2", 2)).seal("d", context)).split(".");
    const whole = new Set([a, b, d].map((parts) => parts.join(".")));
    const mixed = [a, b, c, d].flatMap((one) =>
      [a, b, c, d].flatMap((other) =>
        Array.from({ length: 32 }, (_, mask) =>
          one.map((part, place) => ((mask >> place) & 1 ? other[place]! : part)).join("."),
        ),
      ),
    );
    for (const envelope of mixed.filter((each) => !whole.has(each)))
      await expectRejected(envelope, context, first);
  });

  it.each([
    ["nothing", ""],
    ["no text", undefined],
    ["null", null],
    ["a number", 7],
    ["an object that pretends", { split: () => ["lce1", "k1", "0", "", ""] }],
    ["a plaintext key", "sk-ant-not-a-key-of-anyone-0001"],
    ["another format", "lce2.k1.0.AA.AA"],
    ["a key id that is a property of every object", "lce1.__proto__.0.AA.AA"],
    ["only dots", "...."],
  ])("when it is %s", async (_, envelope) => {
    await expectRejected(envelope as string);
  });

  it.each(["01764000000000", "1e3", "-1", "1.5", "", " 1", "1000000000000000", "0x1"])(
    "when it was made at %j",
    async (created) => {
      const parts = (await vault.seal("x", context)).split(".");
      await expectRejected(parts.with(2, created).join("."));
    },
  );

  it("when it is any text", async () => {
    await fc.assert(fc.asyncProperty(fc.string(), (envelope) => expectRejected(envelope)));
    const almost = fc
      .tuple(fc.constantFrom("k1", "k2"), fc.nat(), fc.base64String(), fc.base64String())
      .map((parts) => ["lce1", ...parts].join(".").replaceAll(/[=+/]/g, ""));
    await fc.assert(fc.asyncProperty(almost, (envelope) => expectRejected(envelope)));
  });

  it("when it was sealed as bytes that are no text, and is opened as text", async () => {
    const envelope = await vault.seal(Uint8Array.of(0xff), context);
    await expect(vault.open(envelope, context)).rejects.toThrow(new EnvelopeRejectedError());
  });
});

describe("another context is refused", () => {
  it.each([
    ["purpose", contextOf({ purpose: "webhook" })],
    ["account (promise 7)", contextOf({ account: "other" })],
    ["provider", contextOf({ provider: "openai" })],
    ["record", contextOf({ record: "row-2" })],
    ["version", contextOf({ version: 2 })],
  ])("by its %s", async (_, other) => {
    const envelope = await vault.seal("hunter2", context);
    await expectRejected(envelope, other);
    expect((await vault.open(envelope, context)).reveal()).toBe("hunter2");
  });

  it("for any two contexts, also those that look alike", async () => {
    const alike = fc.constantFrom("a", "b", "ab", "a.b", "é", "e\u0301", "\0");
    const close = fc.record({
      purpose: alike,
      account: alike,
      provider: alike,
      record: alike,
      version: fc.nat(2),
    });
    await fc.assert(
      fc.asyncProperty(close, close, async (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        await expectRejected(await vault.seal("hunter2", one), other);
      }),
    );
  });

  it("when a purpose and an account run together as others do", async () => {
    // Both orders, so that neither subkey in the cache may stand for the other.
    const [ab, a] = [contextOf({ purpose: "ab", account: "c" }), contextOf({ purpose: "a", account: "bc" })];
    for (const [one, other] of [
      [ab, a],
      [a, ab],
    ] as const)
      await expectRejected(await vault.seal("hunter2", one), other);
  });

  it.each<[string, Partial<Record<keyof SealContext, unknown>>, string]>([
    [
      "an empty purpose",
      { purpose: "" },
      "context.purpose: must be a well-formed text of 1 to 64 characters.",
    ],
    ["a purpose that is too long", { purpose: "x".repeat(65) }, "context.purpose: must be"],
    ["no account", { account: undefined }, "context.account: must be"],
    ["a provider that is too long", { provider: "x".repeat(257) }, "context.provider: must be"],
    ["a record that is a number", { record: 7 }, "context.record: must be"],
    ["half a character", { account: "\ud83d" }, "context.account: must be"],
    ["a negative version", { version: -1 }, "context.version: must be a whole number from 0."],
    ["a broken version", { version: 1.5 }, "context.version"],
    ["a version that is a text", { version: "1" }, "context.version"],
    ["a version beyond what is exact", { version: 2 ** 53 }, "context.version"],
  ])("and one that nothing can be bound to is told by its field: %s", async (_, own, message) => {
    const envelope = await vault.seal("hunter2", context);
    const unusable = { ...context, ...own } as SealContext;
    for (const call of [vault.seal, vault.open, vault.openBytes, vault.rewrap]) {
      const error: unknown = await call(envelope, unusable).catch((caught: unknown) => caught);
      expect(InvalidInputError.isInstance(error)).toBe(true);
      expect((error as Error).message).toContain(message);
    }
  });

  it("takes the longest texts, all of three bytes a character, and version 0", async () => {
    const long = "€".repeat(256);
    const bound = { purpose: "€".repeat(64), account: long, provider: long, record: long, version: 0 };
    const longest = vaultOf(ringKey("k".repeat(32), 1));
    expect((await longest.open(await longest.seal("x", bound), bound)).reveal()).toBe("x");
  });
});

describe("what cannot be sealed is told by its field", () => {
  it.each([
    ["half a character", "\ud83d", "plaintext: must be a well-formed text."],
    ["nothing", undefined, "plaintext: must be a text or bytes."],
    ["a number", 7, "plaintext: must be a text or bytes."],
    ["numbers", [1, 2], "plaintext: must be a text or bytes."],
    ["null", null, "plaintext: must be a text or bytes."],
  ])("%s", async (_, plaintext, message) => {
    await expect(vault.seal(plaintext as string, context)).rejects.toThrow(message);
    await expect(vault.seal(plaintext as string, context)).rejects.toThrow(InvalidInputError);
  });
});

describe("keys", () => {
  const old = ringKey("old", 1);
  const sealed = vaultOf(old).seal("hunter2", context);

  it("that only decrypt open what they sealed, and seal nothing", async () => {
    const both = vaultOf({ ...old, status: "decryptOnly" }, ringKey("new", 2));
    expect((await both.open(await sealed, context)).reveal()).toBe("hunter2");
    expect(both.inspect(await both.seal("x", context)).keyId).toBe("new");
  });

  it.each([
    ["disabled", vaultOf({ ...old, status: "disabled" }, ringKey("new", 2))],
    ["not in the ring", vaultOf(ringKey("new", 2))],
    ["another one of the same id", vaultOf(ringKey("old", 3))],
    ["the same one of another id", vaultOf(ringKey("new", 1))],
  ])("that are %s open nothing", async (_, other) => {
    await expectRejected(await sealed, context, other);
  });

  it("are told by `needsRewrap` and changed by `rewrap`, in the same context", async () => {
    const both = vaultOf({ ...old, status: "decryptOnly" }, ringKey("new", 2));
    expect(both.needsRewrap(await sealed)).toBe(true);
    const rewrapped = await both.rewrap(await sealed, context);
    expect(both.needsRewrap(rewrapped)).toBe(false);
    expect((await vaultOf(ringKey("new", 2)).open(rewrapped, context)).reveal()).toBe("hunter2");
    await expectRejected(rewrapped, contextOf({ version: 2 }), both);
  });

  it("rewrap bytes that are no text", async () => {
    const bytes = Uint8Array.of(0xff, 0, 0xfe);
    const both = vaultOf({ ...old, status: "decryptOnly" }, ringKey("new", 2));
    const rewrapped = await both.rewrap(await vaultOf(old).seal(bytes, context), context);
    expect([...(await both.openBytes(rewrapped, context)).reveal()]).toEqual([...bytes]);
  });
});

describe("a version of the format below the minimum", () => {
  it("is refused", async () => {
    const envelope = await vault.seal("x", context);
    // There is one version so far, so the ring has to be one that no configuration makes.
    const ring = createKeyRing({ keys: [ringKey("k1", 1)] });
    await expectRejected(envelope, context, createVault({ keyRing: { ...ring, minimumVersion: 2 } }));
    expect((await createVault({ keyRing: ring }).open(envelope, context)).reveal()).toBe("x");
  });
});

describe("inspect", () => {
  it.each([
    "",
    "sk-ant-not-a-key-of-anyone-0001",
    "lce1.k1.1.AA",
    "lce1.k1.1.AA.AA.AA",
    "lce2.k1.1.AA.AA",
    "lce1.k 1.1.AA.AA",
    "lce1..1.AA.AA",
    "lce1.k1.1x.AA.AA",
    "lce1.k1.x1.AA.AA",
    "lce1.k1.01.AA.AA",
  ])("says of %j that it is no envelope, without repeating it", (text_) => {
    for (const call of [vault.inspect, vault.needsRewrap])
      expect(() => call(text_)).toThrow("envelope: is no envelope that this version reads.");
  });
});

describe("a seal and an open", () => {
  afterEach(() => vi.restoreAllMocks());

  it("are one call of WebCrypto each, once the subkey is there", async () => {
    const warm = vaultOf();
    const envelope = await warm.seal("x", context);
    const names = [
      "encrypt",
      "decrypt",
      "deriveBits",
      "deriveKey",
      "importKey",
      "digest",
      "sign",
      "verify",
    ] as const;
    const calls = names.map((name) => vi.spyOn(crypto.subtle, name));

    await warm.seal("y", context);
    await warm.open(envelope, contextOf());

    expect(calls.map(({ mock }) => mock.calls.length)).toEqual([1, 1, 0, 0, 0, 0, 0, 0]);
  });

  it("never get to the cipher when the commitment is another", async () => {
    const warm = vaultOf();
    const parts = (await warm.seal("x", context)).split(".");
    const decrypt = vi.spyOn(crypto.subtle, "decrypt");
    await expectRejected(parts.with(3, "A".repeat(43)).join("."), context, warm);
    expect(decrypt).not.toHaveBeenCalled();
  });

  it("use keys that cannot be exported", async () => {
    const imported = vi.spyOn(crypto.subtle, "importKey");
    await vaultOf().seal("x", context);
    await vaultOf().fingerprint("x", context);
    expect(imported).toHaveBeenCalledTimes(4);
    for (const result of imported.mock.results) {
      const key = await (result.value as Promise<{ extractable: boolean }>);
      expect(key.extractable).toBe(false);
    }
  });

  it("derive again what the bounded cache forgot", async () => {
    const small = vaultOf();
    const derived = vi.spyOn(crypto.subtle, "deriveBits");
    const envelope = await small.seal("x", context);
    for (let index = 0; index < 1_100; index++) await small.seal("x", contextOf({ account: `a${index}` }));
    expect(derived).toHaveBeenCalledTimes(1_101);
    expect((await small.open(envelope, context)).reveal()).toBe("x");
    expect(derived).toHaveBeenCalledTimes(1_102);
    await small.open(envelope, context);
    expect(derived).toHaveBeenCalledTimes(1_102);
  });
});

describe("a fingerprint", () => {
  const of = { purpose: "provider-key", account: "acme" };

  it("is the same for the same secret, and another for any other", async () => {
    const one = await vault.fingerprint("hunter2", of);
    expect(one).toMatch(/^[\w-]{16}$/);
    expect(await vaultOf().fingerprint(new Secret("hunter2"), of)).toBe(one);
    expect(await vault.fingerprint("hunter3", of)).not.toBe(one);
  });

  it("is another for another account (promise 7), purpose or master key", async () => {
    const all = await Promise.all([
      vault.fingerprint("hunter2", of),
      vault.fingerprint("hunter2", { ...of, account: "other" }),
      vault.fingerprint("hunter2", { ...of, purpose: "webhook" }),
      vaultOf(ringKey("k1", 2)).fingerprint("hunter2", of),
      vaultOf(ringKey("k2", 1)).fingerprint("hunter2", of),
    ]);
    expect(new Set(all).size).toBe(5);
  });

  it("is HMAC-SHA-256 under a subkey of its own", async () => {
    const { Buffer } = await import("node:buffer");
    const { createHmac, hkdfSync } = await import("node:crypto");
    const { canonical } = await import("./canonical.ts");
    const info = canonical(["lcf1", "k1", "provider-key", "acme"]);
    const key = Buffer.from(hkdfSync("sha256", masterKey(1), "", info, 32));
    const mac = createHmac("sha256", key).update("hunter2").digest().subarray(0, 12);
    expect(await vault.fingerprint("hunter2", of)).toBe(mac.toString("base64url"));
  });

  it("refuses what no subkey can be bound to", async () => {
    await expect(vault.fingerprint("x", { ...of, account: "" })).rejects.toThrow("context.account");
  });
});

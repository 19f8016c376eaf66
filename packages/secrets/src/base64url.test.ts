import { Buffer } from "node:buffer";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { base64Url, buffered, native, table, type Base64Url } from "./base64url.ts";

const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Null where the platform has none, such as Node 24. */
const own = native(Uint8Array);
/** Null where there is no Buffer but what these tests compare with. */
const host = buffered({ Buffer });

describe.each<[name: string, codec: Base64Url]>([
  ["in plain JavaScript", table],
  ...(host === null ? [] : [["of the host's Buffer", host] as [string, Base64Url]]),
  ...(own === null ? [] : [["of the platform", own] as [string, Base64Url]]),
])("base64url %s", (_, codec) => {
  it("is what Node's Buffer writes and reads", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const text = codec.encode(bytes);
        expect(text).toBe(Buffer.from(bytes).toString("base64url"));
        expect([...codec.decode(text)!]).toEqual([...bytes]);
      }),
    );
  });

  it.each([4095 * 3, 3071, 3072, 3073, 3074, 65_536])("does so for %i bytes", (length) => {
    const bytes = Uint8Array.from({ length }, (_value, index) => (index * 131) & 0xff);
    const text = codec.encode(bytes);
    expect(text === Buffer.from(bytes).toString("base64url")).toBe(true);
    expect(Buffer.compare(codec.decode(text)!, bytes)).toBe(0);
  });

  it("writes the bytes of a view, and no others of its buffer", () => {
    const bytes = Uint8Array.from({ length: 300 }, (_value, index) => (index * 131) & 0xff);
    for (const [begin, end] of [
      [0, 300],
      [0, 40],
      [1, 40],
      [12, 300],
      [299, 300],
    ] as const)
      expect(codec.encode(bytes.subarray(begin, end))).toBe(
        Buffer.from(bytes.slice(begin, end)).toString("base64url"),
      );
  });

  it.each([3, 240, 5_000])(
    "puts %i bytes into the memory that it is given, if they fit, and nothing behind them",
    (length) => {
      const bytes = Uint8Array.from({ length }, (_value, index) => (index * 131) & 0xff);
      const text = codec.encode(bytes);
      const memory = new Uint8Array(length + 20).fill(7).subarray(10, length + 15);
      const read = codec.decode(text, memory)!;
      expect(read.buffer).toBe(memory.buffer);
      expect([...new Uint8Array(memory.buffer)]).toEqual([
        ...Array(10).fill(7),
        ...bytes,
        ...Array(10).fill(7),
      ]);
      const tight = codec.decode(text, memory.subarray(0, length - 1))!;
      expect(tight.buffer).not.toBe(memory.buffer);
      expect(Buffer.compare(tight, bytes)).toBe(0);
    },
  );

  it("keeps what it gave, whatever comes next", () => {
    const first = codec.decode("AQID")!;
    codec.encode(bytesOf("something else"));
    codec.decode("____");
    expect([...first]).toEqual([1, 2, 3]);
  });

  it.each([
    ["a length that no bytes have", "AAAAA"],
    ["padding", "AA=="],
    ["padding where there is none", "AAA="],
    ["padding in a whole group", "AAAAAA=="],
    ["white space", "AAAA AAAA"],
    ["four white spaces", "AAAA    "],
    ["a line feed", "AAA\n"],
    ["the other alphabet's plus", "AA+A"],
    ["the other alphabet's slash", "AA/A"],
    ["a stray bit in the last of two", "AB"],
    ["all stray bits in the last of two", "AP"],
    ["a stray bit in the last of three", "AAB"],
    ["both stray bits in the last of three", "AAD"],
    ["a character beyond ASCII", "AAAé"],
    ["a character of which the low byte is in the alphabet", "AAA\u0141"],
    ["a character of two units", "AA😀"],
    ["half a character", "AAA\ud83d"],
    ["a character beyond ASCII in the last group", "AAAAAé"],
    ["zero", "AAA\0"],
  ])("refuses %s, also at the end of a long text", (_name, text) => {
    expect(codec.decode(text)).toBeNull();
    expect(codec.decode("AAAA".repeat(60) + text)).toBeNull();
  });

  it("refuses each character outside of the alphabet, in each place", () => {
    for (let unit = 0; unit < 0x180; unit++) {
      const character = String.fromCharCode(unit);
      if (alphabet.includes(character)) continue;
      for (const text of ["AAAAAA", "AAAAA", "AAAA"].map((rest) => rest.slice(1)))
        for (let place = 0; place <= text.length; place++)
          for (const begin of ["", "AAAA".repeat(60)])
            expect(codec.decode(begin + text.slice(0, place) + character + text.slice(place))).toBeNull();
    }
  });

  it("reads any text as the table does, however long", () => {
    const good = fc.constantFrom(...alphabet.split(""));
    const bad = fc.constantFrom("+", "/", "=", " ", "\n", "\0", "é", "\u0141");
    const mostlyGood = fc.tuple(
      fc.string({ unit: good, minLength: 100, maxLength: 300 }),
      fc.string({ unit: fc.oneof(good, bad), maxLength: 3 }),
      fc.string({ unit: good, maxLength: 8 }),
    );
    fc.assert(
      fc.property(mostlyGood, (parts) => {
        const text = parts.join("");
        const [read, wanted] = [codec, table].map((each) => each.decode(text));
        expect(read).toEqual(wanted);
      }),
      { numRuns: 500 },
    );
  });

  it("reads the empty text as no bytes", () => {
    expect(codec.encode(new Uint8Array())).toBe("");
    expect(codec.decode("")).toHaveLength(0);
  });
});

it("takes the platform's own where there is one, or else its Buffer", () => {
  expect(native(Int8Array)).toBeNull();
  expect(base64Url === table).toBe(!("setFromBase64" in Uint8Array.prototype) && !("Buffer" in globalThis));
});

it("needs no Buffer, and takes none that does not know base64url", () => {
  expect(buffered({})).toBeNull();
  expect(buffered({ Buffer: { isEncoding: () => false } })).toBeNull();
});

it.each(host === null ? [] : [host])(
  "keeps what it decodes out of the memory that the host's buffers share",
  (codec) => {
    const { buffer, length } = codec.decode("AAAA".repeat(60))!;
    expect(buffer.byteLength).toBe(length);
  },
);

import * as fc from "fast-check";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { scrub, scrubText } from "./scrub.ts";
import { Secret } from "./secret.ts";

const hidden = "[secret]";

// Assembled here, so that nothing in this file looks like a key to whoever scans the repository for them.
const digits = "0123456789abcdef";
const keys = {
  Anthropic: ["sk", "ant", "api03", "x".repeat(24)].join("-"),
  OpenAI: ["sk", "proj", "Ab1_".repeat(8)].join("-"),
  "Vercel AI Gateway": ["vck", digits.repeat(2)].join("_"),
  Stripe: ["sk", "live", digits].join("_"),
  DigitalOcean: ["dop", "v1", digits.repeat(4)].join("_"),
  "service token": ["lcs", digits].join("_"),
  "bootstrap token": ["lcb", digits].join("_"),
  GitHub: ["ghp", digits.repeat(2)].join("_"),
  "GitHub, fine-grained": ["github", "pat", digits.repeat(2)].join("_"),
  Google: ["AI", "zaSy", digits.repeat(2)].join(""),
  AWS: ["AK", "IA", "ABCDEFGH12345678"].join(""),
  Groq: ["gsk", digits].join("_"),
  Slack: ["xoxb", "1234567890", digits].join("-"),
  JWT: ["ey", "JhbGciOiJIUzI1NiJ9.", digits, ".", digits].join(""),
};
const word = ["hunter", "2", "hunter"].join("");
/** Made here, so that no scanner for leaked keys takes this file for one. */
const begin = (kind: string) => `-----BEGIN ${kind}-----`;
const pem = (kind: string, end: string) =>
  [begin(kind), "MIIEvQIBADAN", word, ...(end === "" ? [] : [`-----END ${end}-----`])].join("\n");

describe("a text that looks like a credential", () => {
  it.each(Object.entries(keys))("is hidden wherever it stands: %s", (_, key) => {
    for (const text of [
      key,
      `the key ${key}, refused`,
      `"${key}"`,
      `/path/${key}?x=1`,
      `a=${key}\nb`,
      `{"a":"one\\n${key}\\ttwo"}`,
      `"{\\"a\\":\\"one\\\\t${key}\\"}"`,
    ]) {
      const shown = scrubText(text);
      expect(shown).toContain(hidden);
      expect(shown).not.toContain(key.slice(-12));
    }
  });

  it.each([
    [`Bearer ${word}`, "Bearer [secret]"],
    [`authorization: Bearer ${word}`, "authorization: [secret]"],
    [`Authorization: Token ${word} was refused`, "Authorization: [secret] was refused"],
    [`Basic ${"dXNlcjpwYXNz".repeat(2)}==`, "Basic [secret]"],
    [`{"authorization":"Token ${word}","a":1}`, '{"authorization":"[secret]","a":1}'],
    [`Cookie: a=1; session=${word}`, "Cookie: [secret]"],
    [`{"set-cookie":"session=${word}; Path=/","a":1}`, '{"set-cookie":"[secret]","a":1}'],
    [`https://user:${word}@host:8080/path`, "https://user:[secret]@host:8080/path"],
    [`redis://:${word}@host`, "redis://:[secret]@host"],
    [`https://user:${word}@${word}@host/`, "https://user:[secret]@host/"],
    [`https://${word}${word}@host/`, "https://[secret]@host/"],
    [`https://host/?a=1&token=x${word}&b=2`, "https://host/?a=1&token=[secret]&b=2"],
    [`https://host/?key=abc#part`, "https://host/?key=[secret]#part"],
    [`OPENCLAW_GATEWAY_TOKEN=${word} node`, "OPENCLAW_GATEWAY_TOKEN=[secret] node"],
    [`SECRETS_MASTER_KEY_BASE64=${word}`, "SECRETS_MASTER_KEY_BASE64=[secret]"],
    [`aws_secret_access_key = ${word}`, "aws_secret_access_key = [secret]"],
    [`{"apiKey":"${word}","a":1}`, '{"apiKey":"[secret]","a":1}'],
    [`password: "two ${word}, words", a`, 'password: "[secret]", a'],
    [`password='two ${word}; words' a`, "password='[secret]' a"],
    [String.raw`{"body":"{\"token\":\"${word}\"}"}`, String.raw`{"body":"{\"token\":\"[secret]"}"}`],
    [pem("PRIVATE KEY", "PRIVATE KEY"), begin("PRIVATE KEY") + "[secret]-----END PRIVATE KEY-----"],
    [pem("RSA PRIVATE KEY", ""), `${begin("RSA PRIVATE KEY")}[secret]`],
    [
      `${pem("EC PRIVATE KEY", "EC PRIVATE KEY")}\nrest`,
      begin("EC PRIVATE KEY") + "[secret]-----END EC PRIVATE KEY-----\nrest",
    ],
  ])("%j becomes %j", (text, shown) => {
    expect(scrubText(text)).toBe(shown);
    expect(scrubText(shown)).toBe(shown);
  });

  it.each([
    "",
    "The gateway answered 401.",
    "https://host:8080/path?x=1@2",
    "git@host:path/file.git",
    "ssh://git@host/path",
    "a task-force of risk-takers",
    "maxTokens: 100000, tokens 5",
    "token: abc",
    "the secret of the sea",
    "agent:writer:lobster:acme:t1:0",
    "ntf_0190c3a2-7b1e-7c53-9d6a-4f1e2b3c4d5e",
  ])("but %j stays as it is", (text) => {
    expect(scrubText(text)).toBe(text);
  });

  // A pattern that searched the rest of the text once per beginning would take minutes for one of these.
  it.each([
    "a",
    " ",
    ":",
    "@",
    '"',
    "\\",
    "-",
    "://",
    "://a:",
    "://:@",
    "token",
    "token=",
    "token =  ",
    'token="',
    "token='",
    "bearer ",
    "bearer    ",
    "basic ",
    "authorization:",
    "authorization: a ",
    "cookie:",
    "sk-",
    "sk-aaaaaaaa",
    "eyJ",
    "-eyJaaaaaaaaaa",
    "-----BEGIN ",
    begin("PRIVATE KEY"),
    "PRIVATE KEY",
    "?key=",
    "&token=",
    "AKIA",
    "ghp_",
    "[secret]",
  ])("is looked for in linear time: a megabyte of %j", (piece) => {
    const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
    for (const known of [[], [new Secret("aaaaaaaaaaaab")]])
      expect(scrubText(text, known)).toBeTypeOf("string");
    const field = scrub({ [text]: `${"x".repeat(100)}${text}` });
    expect(field).toBeTypeOf("object");
  });
});

describe("a field", () => {
  it.each([
    "authorization",
    "Authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "password",
    "dbPassword",
    "passwd",
    "passphrase",
    "credentials",
    "secret",
    "clientSecret",
    "token",
    "gatewayToken",
    "service_token",
    "x-auth-token",
    "apiKey",
    "api_key",
    "api-key",
    "apikey",
    "x-api-key",
    "OPENAI_API_KEY",
    "accessKey",
    "aws_secret_access_key",
    "privateKey",
    "private_key",
    "masterKey",
    "SECRETS_MASTER_KEY_BASE64",
  ])("called %s is hidden whatever it holds", (name) => {
    for (const value of ["x", 7, true, ["x"], { x: 1 }])
      expect(scrub({ at: [{ [name]: value }] })).toEqual({ at: [{ [name]: hidden }] });
  });

  it.each([
    "tokens",
    "maxTokens",
    "inputTokens",
    "tokenCount",
    "serviceTokenHash",
    "key",
    "keys",
    "sessionKey",
    "secretary",
    "passwordless",
    "keysGeneration",
    "message",
  ])("called %s is not", (name) => {
    expect(scrub({ [name]: "plain" })).toEqual({ [name]: "plain" });
  });

  it("that is empty is shown as such: whether there is a token is what one looks for", () => {
    expect(scrub({ token: null, password: undefined })).toEqual({ token: null, password: undefined });
  });

  it("has its name scrubbed too", () => {
    const known = new Secret(word);
    const key = keys.Anthropic;
    expect(JSON.stringify(scrub({ [`x-${word}`]: 1, [key]: 2 }, [known]))).toBe(
      '{"x-[secret]":1,"sk-[secret]":2}',
    );
  });
});

describe("a known secret", () => {
  it("is hidden wherever it stands, whatever it looks like", () => {
    const known = [new Secret("plain word")];
    expect(scrub({ a: ["a plain word", { b: "plain word, plain word" }] }, known)).toEqual({
      a: ["a [secret]", { b: "[secret], [secret]" }],
    });
  });

  it("is hidden whole when another one is a part of it", () => {
    const known = [new Secret("correct"), new Secret("correct horse battery")];
    expect(scrubText("correct horse battery", known)).toBe(hidden);
  });

  it("is hidden as a number", () => {
    expect(scrub({ pin: 12_345_678, big: 12_345_678n, other: 5 }, [new Secret("12345678")])).toEqual({
      pin: hidden,
      big: hidden,
      other: 5,
    });
  });

  it("of no characters hides nothing", () => {
    expect(scrubText("abc", [new Secret("")])).toBe("abc");
  });

  it("is taken literally, not as a pattern", () => {
    expect(scrubText("a$&b .* $1", [new Secret(".*"), new Secret("$&")])).toBe("a[secret]b [secret] $1");
  });

  it("promise 8: never survives, in whatever it is wrapped", () => {
    const base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const secretText = fc.string({ unit: fc.constantFrom(...base64.split("")), minLength: 8, maxLength: 40 });
    const wrapped = secretText.chain((value) => {
      const holding = fc
        .tuple(fc.string(), fc.constantFrom(value, value + value, ""), fc.string())
        .map((texts) => texts.join(""));
      return fc.tuple(
        fc.constant(value),
        fc.anything({
          key: holding,
          values: [
            holding,
            holding.map((text) => new Error(text, { cause: { text } })),
            fc.integer(),
            fc.date(),
          ],
          withBigInt: true,
          withBoxedValues: true,
          withMap: true,
          withNullPrototype: true,
          withSet: true,
          withTypedArray: true,
        }),
      );
    });
    fc.assert(
      fc.property(wrapped, ([value, anything]) => {
        const scrubbed = scrub(anything, [new Secret(value)]);
        expect(JSON.stringify(scrubbed) ?? "").not.toContain(value);
        expect(inspect(scrubbed, { depth: Infinity, showHidden: true })).not.toContain(value);
      }),
      { numRuns: 500 },
    );
  });
});

describe("what is no plain object", () => {
  it.each<[string, unknown, unknown]>([
    ["a secret", new Secret(word), hidden],
    [
      "a map",
      new Map<unknown, unknown>([
        ["a", 1],
        ["token", word],
        [7, { b: 2 }],
      ]),
      { a: 1, token: hidden, 7: { b: 2 } },
    ],
    ["a map by objects", new Map([[{ id: word }, 1]]), { '{"id":"[secret]"}': 1 }],
    ["a set", new Set(["a", word]), ["a", hidden]],
    ["a date", new Date(0), "1970-01-01T00:00:00.000Z"],
    ["a date that is none", new Date(Number.NaN), null],
    [
      "headers",
      new Headers({ authorization: "Bearer x", "x-api-key": "x", accept: "*/*" }),
      { accept: "*/*", authorization: hidden, "x-api-key": hidden },
    ],
    ["URL parameters", new URLSearchParams("token=x&a=1"), { token: hidden, a: "1" }],
    ["a URL", new URL(`https://u:${word}@host/?token=abc`), "https://u:[secret]@host/?token=[secret]"],
    ["bytes", new TextEncoder().encode(word), `[${word.length} bytes]`],
    ["a buffer", Buffer.from(word), `[${word.length} bytes]`],
    ["a view", new DataView(new ArrayBuffer(3)), "[3 bytes]"],
    ["an array buffer", new ArrayBuffer(5), "[5 bytes]"],
    ["a pattern", new RegExp(`${word}+`), "/[secret]+/"],
    ["a symbol", Symbol(word), "Symbol([secret])"],
    ["a bigint", 12n, "12"],
    ["a boxed text", Object(word), hidden],
    ["a function", Object.assign(() => word, { word, toJSON: () => word }), "[function]"],
    ["what tells JSON something else", { word, toJSON: () => ({ a: word, b: 1 }) }, { a: hidden, b: 1 }],
  ])("%s becomes what JSON can write and loses nothing harmless", (_, value, shown) => {
    const known = [new Secret(word)];
    expect(scrub({ value }, known)).toEqual({ value: shown });
    expect(JSON.parse(JSON.stringify(scrub(value, known)))).toEqual(shown);
  });

  it("headers of a library of its own are known by their tag", () => {
    class OtherHeaders {
      readonly [Symbol.toStringTag] = "Headers";
      *[Symbol.iterator]() {
        yield ["authorization", word];
        yield ["accept", "*/*"];
      }
    }
    expect(scrub(new OtherHeaders())).toEqual({ authorization: hidden, accept: "*/*" });
  });

  it("an error keeps its name, message, stack, fields, causes and the errors that it gathers", () => {
    const low = Object.assign(new TypeError(`password=${word}`), { code: "ECONNREFUSED", token: word });
    const gathered = new AggregateError([low, new Error("second")], "both failed", { cause: low });
    const shown = scrub({ err: new Error("above", { cause: gathered }) });
    expect(shown).toMatchObject({
      err: {
        name: "Error",
        message: "above",
        cause: {
          name: "AggregateError",
          message: "both failed",
          cause: { name: "TypeError", message: "password=[secret]", code: "ECONNREFUSED", token: hidden },
          errors: [{ code: "ECONNREFUSED" }, { message: "second" }],
        },
      },
    });
    expect((shown as { err: Error }).err.stack).toContain("scrub.test.ts");
    expect(JSON.stringify(shown)).not.toContain(word);
  });

  it("an error is shown with seven causes", () => {
    let error = new Error("cause 7");
    for (let depth = 6; depth >= 0; depth--) error = new Error(`cause ${depth}`, { cause: error });
    expect(JSON.stringify(scrub(error))).toContain('"cause 7"');
  });
});

describe("what cannot be shown whole", () => {
  it("a cycle ends in […], the same thing twice does not", () => {
    const cycle: Record<string, unknown> = { name: "a" };
    cycle["self"] = cycle;
    cycle["map"] = new Map([["again", cycle]]);
    const error = new Error("loop");
    error.cause = error;
    const twice = { x: 1 };
    expect(scrub(cycle)).toEqual({ name: "a", self: "[…]", map: { again: "[…]" } });
    expect(scrub(error)).toMatchObject({ message: "loop", cause: "[…]" });
    expect(scrub([twice, twice])).toEqual([twice, twice]);
  });

  it("a depth over eight ends in […]", () => {
    const nested = (depth: number): unknown => (depth === 0 ? [] : [nested(depth - 1)]);
    expect(JSON.stringify(scrub(nested(7)))).toBe("[[[[[[[[]]]]]]]]");
    expect(JSON.stringify(scrub(nested(8)))).toBe('[[[[[[[["[…]"]]]]]]]]');
    expect(JSON.stringify(scrub(nested(1_000)))).toBe('[[[[[[[["[…]"]]]]]]]]');
  });

  it("what throws when it is read is said to be so, and the rest is shown", () => {
    const boom = (): never => {
      throw new Error("boom");
    };
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const value = {
      getter: Object.defineProperty({ b: 1 }, "a", { get: boom, enumerable: true }),
      json: { toJSON: boom },
      keys: new Proxy({}, { ownKeys: boom }),
      has: new Proxy({}, { has: boom }),
      revoked: revoked.proxy,
      impostor: { [Symbol.toStringTag]: "Map" },
      error: Object.defineProperty(new Error("e"), "message", { get: boom }),
      fine: 1,
    };
    expect(scrub(value)).toEqual({
      getter: { a: "[unreadable]", b: 1 },
      json: "[unreadable]",
      keys: "[unreadable]",
      has: "[unreadable]",
      revoked: "[unreadable]",
      impostor: "[unreadable]",
      error: "[unreadable]",
      fine: 1,
    });
  });

  it("__proto__ is a name like any other", () => {
    const shown = scrub(JSON.parse('{"__proto__":{"admin":true}}'));
    expect(JSON.stringify(shown)).toBe('{"__proto__":{"admin":true}}');
    expect(Object.getPrototypeOf(shown)).toBe(Object.prototype);
  });
});

describe("scrub", () => {
  const anything = fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
  });

  it("never throws, and what it gives can be written as JSON", () => {
    fc.assert(
      fc.property(anything, (value) => {
        expect(() => JSON.stringify(scrub(value))).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });

  it("does not change what it is given, and gives nothing of it away to be changed", () => {
    const value = deepFreeze({ list: [{ token: word }], text: `token=${word}`, at: { b: [1] } });
    const shown = scrub(value) as { list: unknown[]; at: { b: number[] } };
    shown.list.push(1);
    shown.at.b.push(2);
    expect(value).toEqual({ list: [{ token: word }], text: `token=${word}`, at: { b: [1] } });
  });

  it("changes nothing when it is done again", () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom("token", "=", '"', "bearer ", "secret", "[", "]", " ", "://", ":", "@", "a"),
        }),
        (text) => {
          const once = scrubText(text);
          expect(scrubText(scrubText(once))).toBe(scrubText(once));
        },
      ),
    );
  });
});

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(value).forEach((inner) => deepFreeze(inner));
  return Object.freeze(value);
}

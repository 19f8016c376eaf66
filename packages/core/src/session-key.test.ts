import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidInputError } from "./errors.ts";
import { parseSessionKey, sessionKey } from "./session-key.ts";

/** What the gateway takes for a marker between colons: from its own code. */
const markers = [
  "subagent",
  "cron",
  "acp",
  "thread",
  "topic",
  "group",
  "channel",
  "direct",
  "dm",
  "heartbeat",
  "main",
];

const wellFormed = fc.string({ unit: "binary", minLength: 1, maxLength: 12 });
// Ids that come close to each other: case, encoding, separators, markers.
const close = fc.string({
  unit: fc.constantFrom("a", "A", ":", "~", "4", "1", ".", "-"),
  minLength: 1,
  maxLength: 5,
});
const id = fc.oneof(wellFormed, close, fc.constantFrom(...markers));
const slug = fc.oneof(
  fc.constantFrom("a", "aa", "main", "0"),
  fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,63}$/),
);
const epoch = fc.oneof(fc.nat({ max: 11 }), fc.maxSafeNat());
const parts = fc.record({ account: id, agent: slug, thread: id, epoch });

describe("sessionKey", () => {
  it.each([
    [
      { account: "Acme", agent: "writer", thread: "t 1", epoch: 0 },
      "agent:writer:lobster:a.~41cme:t.t~201:0",
    ],
    [{ account: "a~b", agent: "w", thread: "a:b", epoch: 12 }, "agent:w:lobster:a.a~7eb:t.a~3ab:12"],
    [{ account: "é", agent: "w", thread: "🦞", epoch: 1 }, "agent:w:lobster:a.~c3~a9:t.~f0~9f~a6~9e:1"],
    [{ account: "group", agent: "w", thread: "thread", epoch: 1 }, "agent:w:lobster:a.group:t.thread:1"],
  ])("writes %j as %s", (given, key) => {
    expect(sessionKey(given)).toBe(key);
  });

  it("promise 7: gives no two conversations one key, not even once the gateway has lower-cased it", () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const same = (["account", "agent", "thread", "epoch"] as const).every((name) => a[name] === b[name]);
        expect(sessionKey(a).toLowerCase() === sessionKey(b).toLowerCase()).toBe(same);
      }),
      { numRuns: 500 },
    );
  });

  it("promise 7: tells ids apart that differ in one step: case, an encoding spelled out, a moved separator", () => {
    fc.assert(
      fc.property(close, close, (a, b) => {
        const key = (account: string, thread: string) =>
          sessionKey({ account, agent: "w", thread, epoch: 0 });
        const variants = new Set([a, a.toUpperCase(), a.toLowerCase(), `${a}:`, `~${a}`]);
        expect(new Set([...variants].map((account) => key(account, b))).size).toBe(variants.size);
        expect(key(`${a}:${b}`, "t")).not.toBe(key(a, `${b}:t`));
      }),
    );
  });

  it("is lower-case already, always names the agent, and has a shape that the gateway reads nothing into", () => {
    fc.assert(
      fc.property(parts, (given) => {
        const key = sessionKey(given);
        expect(key).toBe(key.toLowerCase());
        expect(key).toMatch(/^agent:[a-z0-9_-]+:lobster:a\.[a-z0-9._~-]+:t\.[a-z0-9._~-]+:\d+$/);
        for (const marker of markers) expect(key.split(":").slice(2)).not.toContain(marker);
      }),
    );
  });

  it("can be read back", () => {
    fc.assert(
      fc.property(parts, (given) => {
        expect(parseSessionKey(sessionKey(given))).toEqual(given);
      }),
    );
  });

  it.each([
    ["a slug with a colon", { agent: "writer:x" }],
    ["a slug in upper case", { agent: "Writer" }],
    ["no slug", { agent: "" }],
    ["no account", { account: "" }],
    ["no thread", { thread: "" }],
    ["the first half of a surrogate pair", { account: "\uD83E" }],
    ["the second half of a surrogate pair", { thread: "\uDD9E" }],
    ["a pair split between the account and the thread", { account: "a\uD83E", thread: "\uDD9Eb" }],
    ["a negative epoch", { epoch: -1 }],
    ["half an epoch", { epoch: 0.5 }],
    ["an epoch that counts no further", { epoch: 2 ** 53 }],
    ["no number", { epoch: Number.NaN }],
  ])("refuses %s", (_, wrong) => {
    expect(() => sessionKey({ account: "acme", agent: "w", thread: "t", epoch: 0, ...wrong })).toThrow(
      InvalidInputError,
    );
  });
});

describe("parseSessionKey", () => {
  it.each([
    "",
    "main",
    "agent:w:main",
    "agent:w:lobster:a.acme:t.t",
    "agent:w:lobster:a.acme:t.t:0:0",
    "agent:w:lobster:a.acme:t.t:00",
    "agent:w:lobster:a.acme:t.t:1e3",
    "agent:w:lobster:a.acme:t.t:-1",
    "agent:w:lobster:a.acme:t.t:",
    "agent:w:lobster:a.Acme:t.t:0",
    "agent:w:lobster:a.~61cme:t.t:0",
    "agent:w:lobster:a.~4Acme:t.t:0",
    "agent:w:lobster:a.~ff:t.t:0",
    "agent:w:lobster:a.~:t.t:0",
    "agent:w:lobster:a.acme:t:0",
    "agent:w:lobster:a.:t.t:0",
    "agent:W:lobster:a.acme:t.t:0",
    "agent:w:other:acme:t:0",
    "user:w:lobster:a.acme:t.t:0",
    " agent:w:lobster:a.acme:t.t:0",
    "agent:w:lobster:a.acme:t.t:0\n",
  ])("refuses %j", (key) => {
    expect(() => parseSessionKey(key)).toThrow(InvalidInputError);
  });

  it("reads what sessionKey made and refuses every other text, in one way", () => {
    const piece = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("agent", "lobster", "~41", "w", "0"),
    );
    const nearly = fc.array(piece, { minLength: 5, maxLength: 7 }).map((pieces) => pieces.join(":"));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), nearly), (key) => {
        try {
          expect(sessionKey(parseSessionKey(key))).toBe(key);
        } catch (error) {
          expect(InvalidInputError.isInstance(error)).toBe(true);
        }
      }),
    );
  });
});

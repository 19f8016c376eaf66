import { InvalidInputError } from "@lobstercontrol/core";
import { describe, expect, it } from "vitest";
import { lastFour, looksLikeKey, readKey, readProvider } from "./key-form.ts";

const rest = "0123456789-Abc_def";

describe("the keys of a provider", () => {
  it.each([
    ["anthropic", `sk-ant-api03-${rest}`],
    ["openai", `sk-${rest}`],
    ["openai", `sk-proj-${rest}`],
    ["openai", `sk-svcacct-${rest}`],
    ["openrouter", `sk-or-v1-${rest}`],
    ["vercel-ai-gateway", `vck_${rest}`],
    ["gemini", `AIza${rest}`],
    ["gemini", `AQ.${rest}.${rest}`],
    ["my-own", "x"],
    ["my-own", `sk-ant-${rest}`],
    ["my-own", "password:{}~"],
  ])("of %s look like %s", (provider, key) => {
    expect(readKey(provider, `\t ${key} \r\n`)).toBe(key);
  });

  it.each([
    ["anthropic", `sk-${rest}`, "sk-ant-"],
    ["anthropic", "sk-ant-short", "sk-ant-"],
    ["anthropic", `x sk-ant-${rest}`.replace(" ", ""), "sk-ant-"],
    ["openai", `sk-ant-${rest}`, "sk-"],
    ["openai", `sk-or-${rest}`, "sk-"],
    ["openai", `vck_${rest}`, "sk-"],
    ["openrouter", `sk-${rest}`, "sk-or-"],
    ["vercel-ai-gateway", `sk-${rest}`, "vck_"],
    ["vercel-ai-gateway", `vck_${rest}"`, "vck_"],
    ["gemini", `sk-${rest}`, "AIza or AQ."],
    ["gemini", "AIza0123", "AIza or AQ."],
    ["gemini", "AQ.0123", "AIza or AQ."],
    ["gemini", `xAIza${rest}`, "AIza or AQ."],
  ])("of %s do not look like %s", (provider, key, begins) => {
    expect(() => readKey(provider, key)).toThrow(
      new InvalidInputError({
        field: "key",
        problem: `does not look like a key of ${provider}, which begins with ${begins}`,
      }),
    );
  });

  it.each([
    ["anthropic", `sk-ant-${rest}`],
    ["openai", `sk-${rest}`],
    ["vercel-ai-gateway", `vck_${rest}`],
    ["openrouter", `sk-or-${rest}`],
    ["gemini", `AIza${rest}`],
    ["gemini", `AQ.${rest}`],
  ])("of %s have nothing before or after %s", (provider, key) => {
    expect(readKey(provider, key)).toBe(key);
    for (const more of [`"${key}`, `${key}"`, `x=${key}`, `${key};`])
      expect(() => readKey(provider, more)).toThrow("does not look like a key");
  });

  it.each([
    ["empty", "", "key: is empty."],
    ["white space", " \t\r\n\u00a0\uFEFF", "key: is empty."],
    ["two words", "a b", "key: has white space, or characters that are not visible ASCII."],
    ["two lines", "a\nb", "key: has white space, or characters that are not visible ASCII."],
    ["a control character", "a\u0007b", "key: has white space, or characters that are not visible ASCII."],
    ["NUL", "a\0", "key: has white space, or characters that are not visible ASCII."],
    ["an invisible character", "a\u200bb", "key: has white space, or characters that are not visible ASCII."],
    ["a dash of an editor's", "abc–def", "key: has white space, or characters that are not visible ASCII."],
    ["quotes of an editor's", "“abc”", "key: has white space, or characters that are not visible ASCII."],
    ["half a character", "a\ud83d", "key: has white space, or characters that are not visible ASCII."],
    ["8 KiB and a byte", "x".repeat(8193), "key is 8193 bytes of UTF-8; at most 8192 are accepted."],
    [
      "8 KiB and a byte of UTF-8",
      `é${"x".repeat(8191)}`,
      "key is 8193 bytes of UTF-8; at most 8192 are accepted.",
    ],
    ["no text", 7, "key: must be a text."],
    ["nothing", undefined, "key: must be a text."],
  ])("are never %s", (_, key, message) => {
    expect(() => readKey("my-own", key as string)).toThrow(message);
  });

  it("may have 8 KiB, without the white space around them", () => {
    expect(readKey("my-own", ` ${"x".repeat(8192)} `)).toHaveLength(8192);
  });

  it("are named by the field that they came from", () => {
    expect(() => readKey("openai", "x", "OPENAI_API_KEY")).toThrow("OPENAI_API_KEY: does not look like");
  });
});

describe("the name of a provider", () => {
  it.each(["anthropic", "a", "0", "my_own-provider2", "x".repeat(64)])("may be %s", (provider) => {
    expect(readProvider(provider)).toBe(provider);
  });

  it.each(["", "A", "-a", "_a", "a b", "a.b", "a\n", "x".repeat(65), `sk-${"a".repeat(20)}`, 7, undefined])(
    "may not be %j",
    (provider) => {
      expect(() => readProvider(provider as string)).toThrow(
        "provider: must be 1 to 64 of a-z, 0-9, - and _, and begin with a letter or digit.",
      );
    },
  );
});

describe("the last four characters", () => {
  it("are shown of a key that has enough others", () => {
    expect(lastFour("0123456789abcdef")).toBe("cdef");
    expect(lastFour("0123456789abcde")).toBe("");
  });
});

describe("a text that has a key in it", () => {
  const long = "0123456789-Abc_def0123456789-Abc_def";
  it.each([
    `sk-ant-${long}`,
    `the key is sk-${long}, keep it`,
    `"vck_${long}"`,
    `AIza${long}`,
    `AQ.${long}`,
    `gsk_${long.replaceAll("-", "")}`,
    `xai-${long.replaceAll("-", "")}`,
  ])("is seen in %s", (text) => {
    expect(looksLikeKey(text)).toBe(true);
  });

  it.each([
    "",
    "a task-list",
    "sk-short",
    "ask-anything-you-want-to-know-about-it",
    "IQ.test",
    "AIzaLike this",
    "AQ.and so on",
    "AQ.    ",
    "lce1.k1.0.AA.AA",
    "vck_x",
    "gsk_of_the_day",
    "gsk_----------------------------",
    "xai-of_the_day",
    "xai-----------------------------",
  ])("is not seen in %j", (text) => {
    expect(looksLikeKey(text)).toBe(false);
  });
});

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedact } from "./redact.ts";

describe("createRedact", () => {
  const redact = createRedact(() => ["tok-1234", "Tell Bea that the draft is late.", "hi"]);

  it.each([
    ["a whole text", "Cannot read: Tell Bea that the draft is late.", "Cannot read: [secret]"],
    ["a part of one", '"…that the draft is…" is odd', '"…[secret]…" is odd'],
    ["a short one", "tok-1234 is no model", "[secret] is no model"],
    ["parts that touch", "tok-1234tok-1234", "[secret]"],
    ["what looks like a credential", "sent Bearer abcdefgh", "sent Bearer [secret]"],
  ])("hides %s", (_name, text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it.each(["the draft of it", "high time", "Unknown agent 'nope'."])("leaves %j alone", (text) => {
    expect(redact(text)).toBe(text);
  });

  it("finds a text whatever else is hidden in it", () => {
    const split = createRedact(() => ["mail", "PIN 4821, mail it to Bea"]);
    expect(split("bad input: PIN 4821, mail it to Bea")).toBe("bad input: [secret]");
  });

  it.each([
    ["Bea.Smith@Example.com", "no session openresponses-user:bea.smith@example.com"],
    ["Éva Önönü ΟΔΟΣ", "no session openresponses-user:éva önönü οδος"],
    ["ΠΡΟΣΟΧΗ İSTANBUL", "no session openresponses-user:ΠΡΟΣΟΧΗ İSTANBUL"],
  ])("finds %j whatever its case: the gateway lower-cases keys", (known, text) => {
    expect(createRedact(() => [known])(text)).toMatch(/^no session openresponses-user:(\[secret\])+$/);
  });

  it("finds a text that is quoted in JSON", () => {
    const known = 'say "PIN" is "4821-9934"\nto "Bea"\nnow';
    expect(createRedact(() => [known])(JSON.stringify({ e: known }))).toBe('{"e":"[secret]"}');
  });

  it("leaves no control characters to forge log lines with, and no book", () => {
    expect(redact("one\r\n\u001B[31mtwo")).toBe("one [31mtwo");
    expect(redact("é".repeat(5_000))).toBe("é".repeat(250));
  });

  it("hides every text of four characters or more, wherever it stands", () => {
    const word = fc.stringMatching(/^[A-Z]{4,40}$/);
    fc.assert(
      fc.property(
        word,
        fc.stringMatching(/^[a-z ]{0,40}$/),
        fc.stringMatching(/^[a-z ]{0,40}$/),
        (known, before, after) => {
          expect(createRedact(() => [known])(before + known + after)).not.toMatch(/[A-Z]/);
        },
      ),
    );
  });
});

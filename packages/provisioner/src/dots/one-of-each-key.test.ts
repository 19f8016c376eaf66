import { assert, json, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { oneOfEachKey } from "./one-of-each-key.ts";

describe("a body on its way out", () => {
  it("keeps a key that is repeated with the same value once, where it stood first", () => {
    expect(oneOfEachKey('{"type":"reboot","type":"reboot","name":"a","type":"reboot"}')).toBe(
      '{"type":"reboot","name":"a"}',
    );
    expect(oneOfEachKey('{"tags":["x", "y"],"n":{"a":1,"a":1},"tags":["x","y"]}')).toBe(
      '{"tags":["x","y"],"n":{"a":1}}',
    );
  });

  it.each([
    ['{"user_data":"a","user_data":"b"}'],
    ['{"ids":[1,2],"ids":[2,1]}'],
    ['{"a":{"size":1},"a":{"size":1,"more":2}}'],
    // Equal for JavaScript, and maybe not for whoever reads it there.
    ['{"n":1,"n":1.0}'],
  ])("does not leave when a key has two values: %s", (body) => {
    expect(() => oneOfEachKey(body)).toThrow(/twice, with two values/);
  });

  it.each([
    ['{"type":"rebuild","image":ubuntu-24-04-x64}'],
    ['{"a":1'],
    ['{"a":1,}'],
    ['{"a" 1}'],
    ["[1,]"],
    ['{"a":1} {"a":1}'],
    ['{"a":01}'],
    ['{"a":"line\nbreak"}'],
    ['{a:"1"}'],
    ["{1:2}"],
    [""],
    ["nul"],
  ])("does not leave when it is no JSON: %j", (body) => {
    expect(() => oneOfEachKey(body)).toThrow("The body is no JSON.");
  });

  it("tells no value when it refuses", () => {
    for (const body of ['{"user_data":"canary","user_data":"canary2"}', '{"user_data":"canary'])
      expect(() => oneOfEachKey(body)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining("canary") }),
      );
  });

  it("changes nothing of any other JSON, whatever is in it", () => {
    assert(
      property(json(), (text) => {
        expect(JSON.parse(oneOfEachKey(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it("takes 64 KiB of escapes without a stack to blow", () => {
    const body = JSON.stringify({ user_data: '"\\\n'.repeat(21_000) });

    expect(oneOfEachKey(body)).toBe(body);
  });
});

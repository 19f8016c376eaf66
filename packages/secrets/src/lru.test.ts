import { describe, expect, it } from "vitest";
import { createLru } from "./lru.ts";

describe("the bounded cache", () => {
  it("holds at most what it may, and always the half that was used last", () => {
    const lru = createLru<number>(8);
    for (let index = 0; index < 100; index++) {
      lru.set(`k${index}`, index);
      const kept = Array.from({ length: 100 }, (_, key) => key).filter((key) => key <= index);
      for (const key of kept.slice(-4)) expect(lru.get(`k${key}`)).toBe(key);
    }
    const kept = Array.from({ length: 100 }, (_, key) => lru.get(`k${key}`)).filter(
      (value) => value !== undefined,
    );
    expect(kept.length).toBeLessThanOrEqual(8);
  });

  it("keeps what is asked for, however much comes and goes", () => {
    const lru = createLru<string>(8);
    lru.set("asked for", "here");
    for (let index = 0; index < 100; index++) {
      lru.set(`k${index}`, "passing");
      expect(lru.get("asked for")).toBe("here");
    }
    expect(lru.get("k0")).toBeUndefined();
  });

  it("gives the newer of two values", () => {
    const lru = createLru<number>(8);
    lru.set("a", 1);
    for (let index = 0; index < 4; index++) lru.set(`k${index}`, 0);
    lru.set("a", 2);
    expect(lru.get("a")).toBe(2);
    expect(lru.get("b")).toBeUndefined();
  });
});

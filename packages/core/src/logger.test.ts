import { Writable } from "node:stream";
import { pino } from "pino";
import { describe, expect, it, vi } from "vitest";
import { scrubbedLogger, silentLogger, type Logger } from "./logger.ts";
import { Secret } from "./secret.ts";

const canary = "canary-in-the-mine";
const levels = ["debug", "info", "warn", "error"] as const;

/** A pino logger that writes to a variable. */
function memoryPino(): { logger: Logger; lines(): Record<string, unknown>[]; text(): string } {
  let text = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return {
    logger: pino({ level: "debug" }, stream),
    text: () => text,
    lines: () =>
      text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe("scrubbedLogger", () => {
  it.each(levels)("writes a line of level %s through pino, fields first, message behind", (level) => {
    const { logger, lines } = memoryPino();
    scrubbedLogger(logger)[level]({ account: "acme", list: [1] }, "a line");
    expect(lines()).toMatchObject([
      { level: pino.levels.values[level], account: "acme", list: [1], msg: "a line" },
    ]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["a field's name", { gatewayToken: canary }, "a line"],
    ["the look of a text", { url: `https://u:${canary}@host/` }, "a line"],
    ["a known value in a field", { text: `it said ${canary}` }, "a line"],
    ["a known value in a name", { [canary]: 1 }, "a line"],
    ["a known value in the message", {}, `it said ${canary}`],
    ["a secret", { secret: new Secret(canary) }, "a line"],
    ["an error", { err: new Error(canary, { cause: new Error(canary) }) }, "a line"],
    ["a map", { map: new Map([[canary, canary]]) }, "a line"],
    ["a buffer", { bytes: Buffer.from(canary) }, "a line"],
  ])("promise 8: hides %s before pino sees it", (_, fields, message) => {
    const { logger, text, lines } = memoryPino();
    scrubbedLogger(logger, [new Secret(canary)]).error(fields, message);
    expect(lines()).toHaveLength(1);
    expect(text()).not.toContain(canary);
    expect(text()).not.toContain([...Buffer.from(canary)].join());
  });

  it.each(levels)("loses a line of level %s that the logger throws at, and nothing else", (level) => {
    const logger = { ...silentLogger, [level]: () => expect.fail("the disk is full") };
    expect(() => scrubbedLogger(logger)[level]({}, "a line")).not.toThrow();
  });

  it("keeps an error readable: its message, its stack and its cause", () => {
    const { logger, lines } = memoryPino();
    scrubbedLogger(logger).error({ err: new Error("above", { cause: new Error("below") }) }, "a line");
    const [{ err }] = lines() as [{ err: { message: string; stack: string } }];
    // pino writes the causes behind the error, in one text each.
    expect(err.message).toBe("above: below");
    expect(err.stack).toMatch(/Error: above[^]*logger\.test\.ts[^]*caused by: Error: below/);
  });

  it("takes any object with the four methods, and calls them as its own", () => {
    const lines: unknown[] = [];
    const plain = {
      lines,
      debug: vi.fn<Logger["debug"]>(),
      info(fields: Record<string, unknown>, message: string) {
        this.lines.push([message, fields]);
      },
      warn: vi.fn<Logger["warn"]>(),
      error: vi.fn<Logger["error"]>(),
    };
    const logger = scrubbedLogger(plain, [new Secret(canary)]);
    logger.info({ a: canary }, `saw ${canary}`);
    logger.warn({ b: 1 }, "careful");
    expect(lines).toEqual([["saw [secret]", { a: "[secret]" }]]);
    expect(plain.warn).toHaveBeenCalledExactlyOnceWith({ b: 1 }, "careful");
    expect(plain.debug).not.toHaveBeenCalled();
  });

  it("takes the console", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    scrubbedLogger(console).warn({ token: canary }, "a line");
    expect(warn).toHaveBeenCalledExactlyOnceWith({ token: "[secret]" }, "a line");
    warn.mockRestore();
  });
});

describe("silentLogger", () => {
  it.each(levels)("takes a line of level %s and does nothing", (level) => {
    expect(silentLogger[level]({ a: 1 }, "a line")).toBeUndefined();
  });
});

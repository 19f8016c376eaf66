import { pino, type Logger as PinoLogger } from "pino";
import { describe, expectTypeOf, it } from "vitest";
import { scrubbedLogger, silentLogger, type Logger } from "./logger.ts";

describe("Logger", () => {
  it("is what a pino logger is, and a child of one", () => {
    expectTypeOf<PinoLogger>().toExtend<Logger>();
    expectTypeOf(pino().child({ account: "acme" })).toExtend<Logger>();
    expectTypeOf(scrubbedLogger).toBeCallableWith(pino());
  });

  it("is what the console and the silent one are", () => {
    expectTypeOf<Console>().toExtend<Logger>();
    expectTypeOf(silentLogger).toEqualTypeOf<Logger>();
  });

  it("is not what lacks a method, nor what wants the message first", () => {
    expectTypeOf<Omit<Logger, "error">>().not.toExtend<Logger>();
    expectTypeOf<Record<keyof Logger, (message: string) => void>>().not.toExtend<Logger>();
  });

  it("takes fields before the message, and not a text alone", () => {
    expectTypeOf<Parameters<Logger["info"]>>().toEqualTypeOf<[Record<string, unknown>, string]>();
    // @ts-expect-error a line without fields has `{}`
    silentLogger.info("a line");
  });
});

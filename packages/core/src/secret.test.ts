import assert from "node:assert";
import { Console } from "node:console";
import { Writable } from "node:stream";
import { inspect } from "node:util";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { Secret } from "./secret.ts";

const canary = "canary-in-the-mine";
const secret = new Secret(canary);
/** The secret, taken for a text by code that knows no types. */
const asText = secret as unknown as string;
const deep = {
  list: [secret],
  map: new Map([["key", secret]]),
  set: new Set([secret]),
  at: { last: secret },
};

/** What was written to a stream, as one text. */
function memoryStream(): { stream: Writable; text(): string } {
  let text = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return { stream, text: () => text };
}

function printed(print: (console: Console) => void): string {
  const { stream, text } = memoryStream();
  print(new Console(stream, stream));
  return text();
}

function logged(log: (logger: ReturnType<typeof pino>) => void): string {
  const { stream, text } = memoryStream();
  log(pino(stream));
  expect(text()).not.toBe("");
  return text();
}

function messageOfFailure(check: () => void): string {
  try {
    check();
  } catch (error) {
    return inspect(error, { depth: Infinity });
  }
  throw new Error("It did not fail.");
}

describe("promise 8: a secret is not shown", () => {
  it.each<[string, () => string]>([
    ["String()", () => String(secret)],
    ["a template literal", () => `the ${asText}`],
    ["concatenation", () => "a" + asText],
    ["join", () => [secret].join()],
    ["JSON", () => JSON.stringify(secret)],
    ["an error message", () => new Error(`refused ${asText}`).message],
    ["inspect", () => inspect(secret)],
    ["console.log's %s", () => printed((console) => console.log("%s", secret))],
    ["console.log's %o", () => printed((console) => console.log("%o", secret))],
  ])("by %s, which writes [secret] in its place", (_, show) => {
    expect(show()).toContain("[secret]");
    expect(show()).not.toContain(canary);
  });

  it.each<[string, () => string]>([
    ["JSON of what holds it", () => JSON.stringify(deep)],
    ["inspect of what holds it", () => inspect(deep, { depth: Infinity })],
    ["inspect that shows hidden fields", () => inspect(deep, { showHidden: true, depth: Infinity })],
    ["inspect that is told to look behind", () => inspect(deep, { customInspect: false, showHidden: true })],
    ["inspect of an error that caught it", () => inspect(new Error("no", { cause: secret }))],
    ["console.log", () => printed((console) => console.log(secret, deep))],
    ["console.dir", () => printed((console) => console.dir(deep, { showHidden: true, depth: null }))],
    ["console.table", () => printed((console) => console.table([{ secret }]))],
    ["pino, given the secret alone", () => logged((logger) => logger.info(secret))],
    ["pino, given a field", () => logged((logger) => logger.info({ secret, deep }, "a line"))],
    [
      "pino, given an error",
      () => logged((logger) => logger.error({ err: new Error(`the ${asText}`) }, "a line")),
    ],
    ["pino's bindings", () => logged((logger) => logger.child({ secret }).info("a line"))],
    ["assert", () => messageOfFailure(() => assert.deepStrictEqual(deep, { list: ["another"] }))],
    ["expect", () => messageOfFailure(() => expect(deep).toStrictEqual({ list: ["another"] }))],
    ["structuredClone", () => inspect(structuredClone(deep), { showHidden: true, depth: Infinity })],
    ["Object.keys and Object.entries", () => inspect([Object.keys(secret), Object.entries(secret)])],
    ["every own property", () => inspect(Object.getOwnPropertyDescriptors(secret), { showHidden: true })],
    ["spread", () => inspect({ ...(secret as object) }, { showHidden: true })],
    ["calling reveal on something else", () => messageOfFailure(() => secret.reveal.call({} as Secret))],
  ])("by %s", (_, show) => {
    expect(show()).not.toContain(canary);
  });

  it("by pino, which writes [secret] where it stood", () => {
    const line = logged((logger) => logger.info({ token: secret, list: [secret] }, "a line"));
    expect(JSON.parse(line)).toMatchObject({ token: "[secret]", list: ["[secret]"], msg: "a line" });
  });
});

describe("reveal", () => {
  it("gives the value back, whatever it is", () => {
    expect(secret.reveal()).toBe(canary);
    const bytes = new Uint8Array([1, 2]);
    expect(new Secret(bytes).reveal()).toBe(bytes);
  });
});

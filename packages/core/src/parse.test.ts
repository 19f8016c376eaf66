import { describe, expect, it } from "vitest";
import { z } from "zod";
import { InvalidInputError } from "./errors.ts";
import { leaseId, notificationId } from "./ids.ts";
import { parse } from "./parse.ts";
import { accountInput, agentInput, notificationInput } from "./ports/platform.ts";

const canary = "canary-in-the-mine";
const notification = { account: "acme", agent: "writer", thread: "t1", input: "Hello", idempotencyKey: "k1" };
const agent = { account: "acme", agent: "writer" };

function refusal(...parameters: Parameters<typeof parse>): InvalidInputError {
  try {
    parse(...parameters);
  } catch (error) {
    if (InvalidInputError.isInstance(error)) return error;
    throw error;
  }
  throw new Error("It was not refused.");
}

describe("parse", () => {
  it("gives what the schema makes of the value", () => {
    expect(parse(z.object({ n: z.coerce.number() }), { n: "7" }, "row")).toEqual({ n: 7 });
    expect(parse(notificationInput, notification, "notification")).toEqual(notification);
  });

  it.each<[string, z.ZodType, unknown, string]>([
    ["a field", notificationInput, { ...notification, thread: "" }, "notification.thread: "],
    ["a missing field", notificationInput, { ...notification, input: undefined }, "notification.input: "],
    ["the whole", notificationInput, "text", "notification: "],
    [
      "what a name must be",
      agentInput,
      { ...agent, files: { "soul.md": "" } },
      "notification.files.soul.md: must be named in capitals",
    ],
    ["an item of a list", z.object({ rows: z.array(z.int()) }), { rows: [1, "x"] }, "notification.rows.1: "],
    ["a symbol", z.record(z.symbol(), z.int()), { [Symbol("s")]: "x" }, "notification.Symbol(s): "],
  ])("names %s", (_, schema, value, begin) => {
    const { message } = refusal(schema, value, "notification");
    expect(message.slice(0, begin.length)).toBe(begin);
    expect(message.length).toBeGreaterThan(begin.length + 5);
  });

  it.each<[string, z.ZodType, unknown]>([
    ["an account", accountInput, { account: `${canary}\n` }],
    ["a slug", agentInput, { ...agent, agent: `${canary}!` }],
    ["a ref", agentInput, { ...agent, ref: canary.repeat(20) }],
    ["an interval", agentInput, { ...agent, heartbeatEveryMs: canary }],
    ["the text of a file", agentInput, { ...agent, files: { "SOUL.md": [canary] } }],
    ["a thread", notificationInput, { ...notification, thread: canary.repeat(20) }],
    ["an idempotency key", notificationInput, { ...notification, idempotencyKey: canary.repeat(20) }],
    ["an input", notificationInput, { ...notification, input: { text: canary } }],
    ["a notification id", notificationId, canary],
    ["a lease id", leaseId, canary],
    ["the whole", notificationInput, canary],
    ["a field that is not known", notificationInput, { ...notification, extra: canary }],
  ])("promise 12: never repeats the value of %s", (_, schema, value) => {
    const error = refusal(schema, value, "notification");
    expect([error.message, error.stack, JSON.stringify(error), String(error.cause)].join("\n")).not.toContain(
      canary,
    );
  });
});

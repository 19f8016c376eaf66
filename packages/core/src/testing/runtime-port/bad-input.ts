import { describe, expect, it } from "vitest";
import { InvalidInputError, NotFoundError, TooLargeError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { type NotificationInput } from "../../ports/platform.ts";
import type { RuntimePortTest } from "./runtime-port-test.ts";

/** What is refused, and how. */
export function badInput(t: RuntimePortTest): void {
  const { notify, claim } = t;

  describe("bad input", () => {
    it("names the field and repeats no value", async () => {
      const bad: [Partial<NotificationInput>, string][] = [
        [{ account: "" }, "notification.account"],
        [{ account: "line\nbreak" }, "notification.account"],
        [{ agent: "Writer" }, "notification.agent"],
        [{ thread: "x".repeat(257) }, "notification.thread"],
        [{ input: "" }, "notification.input"],
        [{ idempotencyKey: "" }, "notification.idempotencyKey"],
        [{ idempotencyKey: "half \ud83e" }, "notification.idempotencyKey"],
      ];
      for (const [over, field] of bad) {
        const error = await notify("t1", over).then(
          () => null,
          (thrown: unknown) => thrown as Error,
        );
        expect(error).toBeInstanceOf(InvalidInputError);
        expect(error?.message).toContain(field);
        expect(error?.message).not.toContain("break");
      }
    });

    it("refuses an unknown account and an unknown or removed agent", async () => {
      await expect(notify("t1", { account: "nobody" })).rejects.toThrow(NotFoundError);
      await expect(notify("t1", { agent: "nobody" })).rejects.toThrow(NotFoundError);
      await t.subject.platform.removeAgent({ account: t.account, agent: "writer" });
      await expect(notify("t1")).rejects.toThrow(NotFoundError);
    });

    it("refuses an input over the limit", async () => {
      await expect(notify("t1", { input: "x".repeat(limits.inputBytes + 1) })).rejects.toThrow(TooLargeError);
      await notify("t1", { input: "x".repeat(limits.inputBytes) });
    });

    it.each([{ limit: 0 }, { limit: 1.5 }, { leaseMs: 0 }, { leaseMs: limits.leaseMs + 1 }])(
      "refuses a claim with %o",
      async (over) => {
        await expect(claim(over)).rejects.toThrow(InvalidInputError);
      },
    );
  });
}

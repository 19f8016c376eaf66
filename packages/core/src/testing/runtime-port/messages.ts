import { describe, expect, it } from "vitest";
import { TooLargeError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { reply, type RuntimePortTest } from "./runtime-port-test.ts";

/** Promise 3. */
export function messages(t: RuntimePortTest): void {
  const { notify, claim, claimOne, allMessages, stateOf } = t;

  describe("promise 3: at most one message per notification", () => {
    it("answers a repeated completion without posting again", async () => {
      await notify("t1");
      const { lease } = await claimOne();
      expect(await t.port.complete(lease, reply("Hello"))).toEqual({ message: "posted" });
      expect(await t.port.complete(lease, reply("Hello"))).toEqual({ message: "duplicate" });
      expect(await allMessages()).toHaveLength(1);
    });

    it.each(["noReply", "heartbeatOk", "empty"] as const)(
      "posts nothing for %s, and is delivered",
      async (kind) => {
        const id = await notify("t1");
        const { lease } = await claimOne();
        expect(await t.port.complete(lease, { kind, responseId: null })).toEqual({ message: "none" });
        expect(await t.port.complete(lease, { kind, responseId: null })).toEqual({ message: "none" });
        expect(await allMessages()).toEqual([]);
        expect(await stateOf(id)).toBe("delivered");
      },
    );

    it("says of a truncated reply that it is truncated", async () => {
      await notify("t1");
      await t.port.complete((await claimOne()).lease, { kind: "truncated", text: "Hel", responseId: null });
      expect(await allMessages()).toMatchObject([{ text: "Hel", truncated: true }]);
    });

    it("refuses a reply over the limit, and keeps the lease", async () => {
      await notify("t1");
      const { lease } = await claimOne();
      await expect(t.port.complete(lease, reply("é".repeat(limits.replyBytes / 2 + 1)))).rejects.toThrow(
        TooLargeError,
      );
      expect(await t.port.complete(lease, reply("é".repeat(limits.replyBytes / 2)))).toEqual({
        message: "posted",
      });
    });

    it("gives each message once to a reader who keeps its cursor", async () => {
      for (let thread = 0; thread < 5; thread++) await notify(`t${thread}`);
      for (const { lease } of await claim()) await t.port.complete(lease, reply(lease.notification));
      const texts: string[] = [];
      for (let position = t.feedStart; ;) {
        const page = await t.subject.platform.messages({ limit: 2, ...position });
        texts.push(...page.messages.filter(({ account }) => account === t.account).map(({ text }) => text));
        if (page.messages.length === 0) {
          expect(page.cursor).toBe(position.after);
          break;
        }
        position = { after: page.cursor };
      }
      expect(texts).toHaveLength(5);
      expect(new Set(texts).size).toBe(5);
    });
  });
}

import { describe, expect, it } from "vitest";
import { type RuntimePortTest } from "./runtime-port-test.ts";

/** Wake-ups. */
export function watch(t: RuntimePortTest): void {
  const { notify } = t;

  describe("watch", () => {
    it("calls after a notification was stored, and not any more once it is ended", async ({ skip }) => {
      if (t.port.watch === undefined) return skip("this control plane has no wake-ups");
      const stop = new AbortController();
      let calls = 0;
      t.port.watch(() => calls++, stop.signal);
      // One that is far away is not listening at once, and may call when it is.
      await expect
        .poll(
          async () => {
            await notify("t1");
            return calls;
          },
          { timeout: 4_000 },
        )
        .toBeGreaterThan(2);
      stop.abort();
      const before = calls;
      await notify("t1");
      await t.port.agents();
      expect(calls).toBe(before);
    });
  });
}

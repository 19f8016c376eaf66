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
      await notify("t1");
      expect(calls).toBe(1);
      stop.abort();
      await notify("t2");
      expect(calls).toBe(1);
    });
  });
}

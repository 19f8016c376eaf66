import { systemClock } from "@lobstercontrol/core";
import { createFakeClock } from "@lobstercontrol/core/testing";
import { describe, expect, it, vi } from "vitest";
import { createStop } from "./stop.ts";

/** A signal, and how many listeners were put on it and not taken off. */
function watched(): { controller: AbortController; signal: AbortSignal; listeners: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  const added = vi.spyOn(signal, "addEventListener");
  const removed = vi.spyOn(signal, "removeEventListener");
  const isOff = (run: unknown): boolean => removed.mock.calls.some(([, gone]) => gone === run);
  return { controller, signal, listeners: () => added.mock.calls.filter(([, run]) => !isOff(run)).length };
}

describe("a stop holds no timer and no listener", () => {
  it("once it has ended, whatever ended it", () => {
    const clock = createFakeClock();
    for (const why of ["idle", "aborted", "timeout"] as const) {
      const [one, other] = [watched(), watched()];
      const stop = createStop(clock, 1_000, one.signal, undefined, other.signal);
      expect([clock.waiting(), one.listeners(), other.listeners()]).toEqual([1, 1, 1]);
      if (why === "aborted") one.controller.abort();
      else if (why === "timeout") clock.advance(1_000);
      else stop.end(why);
      expect(stop.reason()).toBe(why);
      expect([clock.waiting(), one.listeners(), other.listeners()]).toEqual([0, 0, 0]);
    }
  });

  it("when it ended before it began", () => {
    const clock = createFakeClock();
    const [one, other] = [watched(), watched()];
    one.controller.abort();
    expect(createStop(clock, 1_000, one.signal, other.signal).reason()).toBe("aborted");
    expect([clock.waiting(), one.listeners(), other.listeners()]).toEqual([0, 0, 0]);
  });

  it("when its clock calls at once", () => {
    const cancel = vi.fn<() => void>();
    const clock = {
      ...systemClock,
      after: (_: number, run: () => void) => {
        run();
        return cancel;
      },
    };
    const one = watched();
    expect(createStop(clock, 0, one.signal).reason()).toBe("timeout");
    expect(cancel).toHaveBeenCalled();
    expect(one.listeners()).toBe(0);
  });
});

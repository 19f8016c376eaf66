import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sleep, systemClock } from "./clock.ts";
import { createFakeClock } from "./testing/fake-clock.ts";

/** Resolves to whether a promise is settled, once everything that is due now has run. */
async function isSettled(promise: Promise<void>): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  for (let turn = 0; turn < 3; turn++) await Promise.resolve();
  return settled;
}

/** A signal that counts who listens to it. */
function countedSignal(): { signal: AbortSignal; abort(): void; listeners(): number } {
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...parameters: Parameters<typeof add>) => {
    listeners++;
    add(...parameters);
  };
  signal.removeEventListener = (...parameters: Parameters<typeof remove>) => {
    listeners--;
    remove(...parameters);
  };
  return { signal, abort: () => controller.abort(), listeners: () => listeners };
}

describe("sleep", () => {
  it("ends when its time has come, not before", async () => {
    const clock = createFakeClock();
    const slept = sleep(clock, 1_000);
    clock.advance(999);
    expect(await isSettled(slept)).toBe(false);
    clock.advance(1);
    expect(await isSettled(slept)).toBe(true);
  });

  it("ends when it is aborted, without an error, and leaves no timer and no listener", async () => {
    const clock = createFakeClock();
    const { signal, abort, listeners } = countedSignal();
    const slept = sleep(clock, 1_000, signal);
    expect([await isSettled(slept), clock.waiting(), listeners()]).toEqual([false, 1, 1]);
    abort();
    expect([await isSettled(slept), clock.waiting(), listeners()]).toEqual([true, 0, 0]);
  });

  it("leaves no listener behind on a signal that outlives it", async () => {
    const clock = createFakeClock();
    const { signal, listeners } = countedSignal();
    const slept = sleep(clock, 1_000, signal);
    clock.advance(1_000);
    expect([await isSettled(slept), clock.waiting(), listeners()]).toEqual([true, 0, 0]);
  });

  it("does not begin when it was aborted before", async () => {
    const clock = createFakeClock();
    const slept = sleep(clock, 1_000, AbortSignal.abort());
    expect([await isSettled(slept), clock.waiting()]).toEqual([true, 0]);
  });
});

describe("systemClock", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("tells the machine's time", () => {
    vi.setSystemTime(1_700_000_000_000);
    expect(systemClock.now()).toBe(1_700_000_000_000);
  });

  it("calls once after the delay, unless it is cancelled", () => {
    const run = vi.fn<() => void>();
    const never = vi.fn<() => void>();
    systemClock.after(1_000, run);
    const cancel = systemClock.after(1_000, never);
    vi.advanceTimersByTime(999);
    expect(run).not.toHaveBeenCalled();
    cancel();
    vi.advanceTimersByTime(60_000);
    expect(run).toHaveBeenCalledOnce();
    expect(never).not.toHaveBeenCalled();
  });

  // setTimeout takes a longer delay for 1 ms: a long wait would turn into a busy loop.
  it.each([2 ** 31, Number.MAX_SAFE_INTEGER, Infinity])("does not call at once after %d ms", (delayMs) => {
    const run = vi.fn<() => void>();
    const setTimeout = vi.spyOn(globalThis, "setTimeout");
    systemClock.after(delayMs, run);
    expect(setTimeout.mock.calls[0]?.[1]).toBeLessThan(2 ** 31);
    vi.advanceTimersByTime(24 * 60 * 60_000);
    expect(run).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(1);
  });
});

describe("the fake clock", () => {
  it("stands still until it is moved", () => {
    const clock = createFakeClock(5);
    expect(clock.now()).toBe(5);
    clock.advance(10);
    expect(clock.now()).toBe(15);
  });

  it("calls what falls due by time, then in the order in which it was asked, and shows each its own time", () => {
    const clock = createFakeClock(0);
    const calls: string[] = [];
    const note = (name: string) => () => calls.push(`${name}@${clock.now()}`);
    clock.after(30, note("late"));
    clock.after(10, note("first"));
    clock.after(10, note("second"));
    clock.after(31, note("never"));
    clock.advance(30);
    expect(calls).toEqual(["first@10", "second@10", "late@30"]);
    expect(clock.waiting()).toBe(1);
  });

  it("calls within one move what a timer asked for", () => {
    const clock = createFakeClock(0);
    const times: number[] = [];
    const again = (): void => {
      times.push(clock.now());
      clock.after(10, again);
    };
    clock.after(10, again);
    clock.advance(35);
    expect(times).toEqual([10, 20, 30]);
    expect(clock.now()).toBe(35);
  });

  it("forgets what was cancelled, by another timer too", () => {
    const clock = createFakeClock();
    const run = vi.fn<() => void>();
    clock.after(10, () => cancel());
    const cancel = clock.after(20, run);
    expect(clock.waiting()).toBe(2);
    clock.advance(100);
    expect(run).not.toHaveBeenCalled();
    expect(clock.waiting()).toBe(0);
  });

  it.each([-86_400_000, 86_400_000])("leaves timers alone when the wall clock jumps by %d ms", (byMs) => {
    const clock = createFakeClock(0);
    const run = vi.fn<() => void>();
    clock.after(1_000, run);
    clock.jump(byMs);
    expect(clock.now()).toBe(byMs);
    expect(run).not.toHaveBeenCalled();
    clock.advance(999);
    expect(run).not.toHaveBeenCalled();
    clock.advance(1);
    expect(run).toHaveBeenCalledOnce();
    expect(clock.now()).toBe(byMs + 1_000);
    clock.after(1_000, run);
    clock.advance(999);
    expect(run).toHaveBeenCalledOnce();
    clock.advance(1);
    expect(run).toHaveBeenCalledTimes(2);
  });
});

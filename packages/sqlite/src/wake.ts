import type { AccountId, Clock } from "@lobstercontrol/core";
import type { Database } from "./database.ts";

/** Tells those who watch that there may be work. */
export interface Wake {
  /** Something was stored for this account, in this process. Call it after the commit. */
  wake(account: AccountId): void;
  /** Calls `onWork` until the signal ends it. */
  watch(account: AccountId, onWork: () => void, signal: AbortSignal): void;
  /** Ends all watching. */
  close(): void;
}

/**
 * Wake-ups: at once for what this process stores. Every `everyMs`, for what another process stores in the same file, by SQLite's
 * `data_version`, and for what became ready with time alone: a retry, or what somebody had a lease of who is gone. Looking
 * costs a read of shared memory and of one index, and is done only while somebody watches.
 */
export function createWake(database: Database, clock: Clock, everyMs: number): Wake {
  const watchers = new Map<AccountId, Set<() => void>>();
  let seenVersion = 0;
  let seenAt = 0;
  let cancel: (() => void) | null = null;

  const dataVersion = (): number =>
    database.get<{ data_version: number }>("PRAGMA data_version")!.data_version;

  function look(): void {
    cancel = clock.after(everyMs, look);
    const version = dataVersion();
    const now = clock.now();
    const woken = [...watchers].filter(
      ([account]) => version !== seenVersion || becameReady(account, seenAt, now),
    );
    seenVersion = version;
    seenAt = now;
    for (const onWork of woken.flatMap(([, set]) => [...set])) onWork();
  }

  const becameReady = (account: AccountId, after: number, until: number): boolean =>
    database.get(
      "SELECT 1 FROM session_keys WHERE account = ? AND ready_at > ? AND ready_at <= ? LIMIT 1",
      account,
      after,
      until,
    ) !== undefined;

  function stopWhenUnwatched(): void {
    if (watchers.size > 0) return;
    cancel?.();
    cancel = null;
  }

  return {
    wake(account) {
      for (const onWork of watchers.get(account) ?? []) onWork();
    },
    watch(account, onWork, signal) {
      if (signal.aborted) return;
      const set = watchers.get(account) ?? new Set();
      // The same function may watch twice.
      const watcher = (): void => onWork();
      watchers.set(account, set.add(watcher));
      if (cancel === null) {
        seenVersion = dataVersion();
        seenAt = clock.now();
        cancel = clock.after(everyMs, look);
      }
      signal.addEventListener(
        "abort",
        () => {
          set.delete(watcher);
          if (set.size === 0) watchers.delete(account);
          stopWhenUnwatched();
        },
        { once: true },
      );
    },
    close() {
      watchers.clear();
      stopWhenUnwatched();
    },
  };
}

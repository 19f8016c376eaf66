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
 * Wake-ups: at once for what this process stores, and by SQLite's `data_version`, looked at every `everyMs`, for what
 * another process stores in the same file. Looking costs a read of shared memory, and is done only while somebody watches.
 */
export function createWake(database: Database, clock: Clock, everyMs: number): Wake {
  const watchers = new Map<AccountId, Set<() => void>>();
  let seenVersion = 0;
  let cancel: (() => void) | null = null;

  const dataVersion = (): number =>
    database.get<{ data_version: number }>("PRAGMA data_version")!.data_version;

  function look(): void {
    cancel = clock.after(everyMs, look);
    const version = dataVersion();
    if (version === seenVersion) return;
    seenVersion = version;
    for (const onWork of [...watchers.values()].flatMap((set) => [...set])) onWork();
  }

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
      watchers.set(account, set.add(onWork));
      if (cancel === null) {
        seenVersion = dataVersion();
        cancel = clock.after(everyMs, look);
      }
      signal.addEventListener(
        "abort",
        () => {
          set.delete(onWork);
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

/** A map that forgets what was not asked for in a long while. */
export interface Lru<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
}

/**
 * Two generations instead of a list in order: what is asked for is kept in the young one, and when that is full, the old
 * one is forgotten whole. A hit changes nothing, which makes it several times as fast.
 *
 * @param most how many it holds at most; half of them are the ones that were used last
 */
export function createLru<V>(most: number): Lru<V> {
  let young = new Map<string, V>();
  let old = new Map<string, V>();

  function set(key: string, value: V): void {
    if (young.size >= most / 2) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
  }

  return {
    get(key) {
      const found = young.get(key);
      if (found !== undefined) return found;
      const aged = old.get(key);
      if (aged !== undefined) set(key, aged);
      return aged;
    },
    set,
  };
}

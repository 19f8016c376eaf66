/**
 * So many bytes of memory that is used again, if they fit; otherwise memory of their own. To make memory costs more than to
 * fill it. What is in it is left there.
 *
 * @param memory undefined for none
 */
export function within(memory: Uint8Array<ArrayBuffer> | undefined, length: number): Uint8Array<ArrayBuffer> {
  return memory === undefined || length > memory.length ? new Uint8Array(length) : memory.subarray(0, length);
}

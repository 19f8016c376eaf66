/** A body that gives its chunks when they are wanted, and tells when its reader goes. */
export function bodyStream(
  chunks: AsyncGenerator<Uint8Array>,
  onCancel: () => void,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      // A body in memory has no socket that would tell its reader of the abort.
      signal.addEventListener("abort", () => controller.error(signal.reason), { once: true });
    },
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      onCancel();
      await chunks.return(undefined).catch(() => {});
    },
  });
}

import type { Clock } from "../clock.ts";
import type { RuntimePort } from "../ports/runtime.ts";
import { eventAnswer } from "./answers.ts";
import { unknownPath } from "./handler.ts";

/** How often a stream of wake-ups says that it is alive, in milliseconds. */
export const keepAliveMs = 15_000;

/** After how many signs of life that nobody has read the stream ends with the next: as long as a client waits for one. */
const mostUnread = 2;

const encoder = new TextEncoder();
const work = encoder.encode("event: work\ndata: {}\n\n");
const alive = encoder.encode(": alive\n\n");

/**
 * Answers with a stream of wake-ups. It begins with one, for what came before somebody listened; it ends when the caller goes,
 * or when its token is not good any more, which is looked at with each sign of life.
 */
export async function watchAnswer(port: RuntimePort, request: Request, clock: Clock): Promise<Response> {
  if (port.watch === undefined) return unknownPath();
  // The cheapest call that fails when the token is not good.
  await port.agents();
  return eventAnswer(wakeUps(port, request, clock));
}

function wakeUps(port: RuntimePort, request: Request, clock: Clock): ReadableStream<Uint8Array> {
  const watching = new AbortController();
  let cancelTimer = (): void => {};
  let owed: Uint8Array | null = null;
  let stop = (): void => {};

  return new ReadableStream<Uint8Array>({
    start(controller) {
      stop = () => {
        watching.abort();
        cancelTimer();
        // The request is named here, and not its signal alone: Node lets go of a signal whose request is collected.
        request.signal.removeEventListener("abort", end);
      };
      const end = (): void => {
        if (watching.signal.aborted) return;
        stop();
        controller.close();
      };
      // Whoever reads slowly is owed one wake-up at most: they all say the same.
      const send = (event: Uint8Array): void => {
        if (watching.signal.aborted) return;
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(event);
        else if (event === work) owed = event;
      };
      const keepAlive = (unread: number): void => {
        cancelTimer = clock.after(keepAliveMs, () => {
          const isUnread = (controller.desiredSize ?? 0) <= 0;
          // Nobody reads, and whoever may still do so has taken the stream for dead by now.
          if (isUnread && unread >= mostUnread) return end();
          port.agents().then(() => {
            if (watching.signal.aborted) return;
            send(alive);
            keepAlive(isUnread ? unread + 1 : 0);
          }, end);
        });
      };

      port.watch?.(() => send(work), watching.signal);
      request.signal.addEventListener("abort", end, { once: true });
      send(work);
      keepAlive(0);
      // The caller may have gone before there was somebody to tell.
      if (request.signal.aborted) end();
    },
    pull(controller) {
      if (owed === null) return;
      controller.enqueue(owed);
      owed = null;
    },
    cancel: () => stop(),
  });
}

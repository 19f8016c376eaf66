import type { DeliveryAdmin } from "@lobstercontrol/core";
import type { RuntimeEvent } from "@lobstercontrol/runtime";
import type { Terminal } from "./terminal.ts";

/** Prints what the runtime does, as it does it. */
export function printEvent(event: RuntimeEvent, terminal: Terminal): void {
  if (event.type === "stopped") return;
  const { thread, agent, attempt } = event.claim;
  const what = `${thread} · ${agent}`.padEnd(26);
  const tell = (text: string): void => terminal.line(`  ${what} attempt ${attempt}  ${text}`);
  switch (event.type) {
    case "resolved":
      return tell(terminal.dim(`the attempt before: ${event.verdict}`));
    case "began":
      return tell(terminal.dim("sent"));
    case "delivered":
      return tell(`delivered after ${(event.tookMs / 1000).toFixed(1)} s`);
    case "failed":
      return tell(
        `failed: ${event.failure.reason.message.replace(/\.?$/, ".")} ${event.next === "dead" ? "It is dead." : `Again in ${((event.inMs ?? 0) / 1000).toFixed(1)} s.`}`,
      );
    case "released":
      return tell("handed back");
    case "dropped":
      return tell("dropped");
  }
}

/** Prints what was said, thread by thread; gives the number of dead notifications. */
export async function printThreads(admin: DeliveryAdmin, { line, bold, dim }: Terminal): Promise<number> {
  const { items } = await admin.notifications();
  const messages = new Map((await admin.messages()).items.map((message) => [message.notification, message]));
  let thread: string | null = null;
  for (const notification of items.toReversed()) {
    if (notification.thread !== thread) line(`\n${bold(notification.thread)}`);
    ({ thread } = notification);
    const message = messages.get(notification.id);
    const outcome =
      message?.text ?? `(${notification.lastError?.message ?? notification.outcome ?? notification.state})`;
    line(`  ${dim(`→ ${notification.agent}: ${notification.input}`)}`);
    line(`  ← ${outcome}${message?.repeated === true ? dim(" (an earlier attempt ran, too)") : ""}`);
  }
  line();
  return items.filter(({ state }) => state === "dead").length;
}

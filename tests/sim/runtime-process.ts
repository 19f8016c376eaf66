import type { Notification, RuntimePort } from "@lobstercontrol/core";
import {
  createRuntimeService,
  type RuntimeEvent,
  type RuntimeService,
  type RuntimeServiceOptions,
} from "@lobstercontrol/runtime";
import { reportMs } from "./checks/truthful.ts";
import type { GatewayControl } from "@lobstercontrol/openclaw-client/control";
import type { Process } from "./process.ts";
import type { Story } from "./story.ts";

/** A process that runs the real runtime. */
export interface RuntimeProcess {
  process: Process;
  workerId: string;
  runtime: RuntimeService;
  /** Its start, as the control plane knows it; null until it has claimed. */
  incarnation: string | null;
  /** The place of its first claim among those of all: with it, it takes over from earlier starts of its worker. */
  firstClaim: number;
  isStopping: boolean;
  /** What a program does once `stop()` has resolved. */
  close(): void;
}

/** What a runtime is given. */
export type Parts = Pick<RuntimeServiceOptions, "client"> & {
  control: Pick<GatewayControl, "sessionMark" | "didRun">;
  port: RuntimePort;
};

export function startRuntime(
  process: Process,
  { control, ...options }: Omit<RuntimeServiceOptions, "control"> & Parts & { workerId: string },
  close: () => void,
  story: Story,
  nameOf: (id: Notification["id"]) => string,
): RuntimeProcess {
  const runtime = createRuntimeService({
    ...options,
    // Nobody asks for a restart here.
    control: { ...control, requestRestart: () => Promise.reject(new Error("not asked for")) },
    reportMs,
    clock: process.clock,
    onEvent: (event) => note(process, story, nameOf, event),
  });
  story.tell(process.name, "starts");
  void runtime.start();
  return {
    process,
    workerId: options.workerId,
    runtime,
    incarnation: null,
    firstClaim: -1,
    isStopping: false,
    close,
  };
}

function note(
  { name }: Process,
  story: Story,
  nameOf: (id: Notification["id"]) => string,
  event: RuntimeEvent,
): void {
  switch (event.type) {
    case "resolved":
      story.count(`verdict: ${event.verdict}`);
      return story.tell(
        name,
        `${nameOf(event.claim.lease.notification)}: the attempt before was "${event.verdict}"`,
      );
    case "delivered":
      return story.count(`delivered: ${event.outcome.kind}`);
    case "failed":
      return story.count(`failed: ${event.failure.outcome}, then ${event.next}`);
    case "dropped":
    case "released":
      story.count(event.type);
      return story.tell(name, `${nameOf(event.claim.lease.notification)}: ${event.type}`);
    case "stopped":
      story.count(`stopped: ${event.error?.code ?? "asked to"}`);
      return story.tell(name, `has stopped${event.error === null ? "" : `: ${event.error.code}`}`);
    case "began":
  }
}

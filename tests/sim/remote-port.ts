import { LobsterError, type RuntimePort, type LeaseProof } from "@lobstercontrol/core";
import type { Call } from "./checks/step.ts";
import type { Network } from "./network.ts";
import type { Process } from "./process.ts";
import type { Story } from "./story.ts";
import type { Timeline } from "./timeline.ts";

export interface RemotePortOptions {
  process: Process;
  port: RuntimePort;
  network: Network;
  timeline: Timeline;
  story: Story;
  /** Whether the control plane can be reached at all. */
  isAway: () => boolean;
  /** Called when a call is about to have its effect. */
  onCall: (call: Call) => void;
  nameOf: (id: string) => string;
}

/** The control plane as one process has it: over a network. */
export function createRemotePort(options: RemotePortOptions): RuntimePort {
  const { process, port, network, timeline, story, isAway, onCall, nameOf } = options;

  async function perform<T>(call: Call, effect: () => Promise<T>, tellOf: (answer: T) => string | null) {
    if (isAway()) throw new TypeError("connect ECONNREFUSED");
    onCall(call);
    const about = "lease" in call ? `${call.name} ${nameOf(call.lease.notification)}` : call.name;
    try {
      const answer = await effect();
      const told = tellOf(answer);
      if (told !== null) story.tell(process.name, `${about}${told}`);
      return answer;
    } catch (error) {
      const code = LobsterError.isInstance(error) ? error.code : String(error);
      story.count(`${call.name}: ${code}`);
      story.tell(process.name, `${about}: ${code}`);
      throw error;
    }
  }

  const send = <T>(
    call: Call & { lease: LeaseProof },
    effect: () => Promise<T>,
    tellOf: (answer: T) => string | null = () => "",
  ): Promise<T> =>
    process.waitFor(
      network.call(process, `${call.name} ${nameOf(call.lease.notification)}`, () =>
        perform(call, effect, tellOf),
      ),
    );

  return {
    claim: (request) =>
      network.call(process, "claim", () => {
        const call: Call = { name: "claim", request, answer: null };
        return perform(
          call,
          async () => (call.answer = await port.claim(request)),
          (claims) =>
            claims.length === 0
              ? null
              : `: ${claims.map(({ lease, attempt }) => `${nameOf(lease.notification)} (attempt ${attempt})`).join(", ")}`,
        );
      }),
    begin: (lease, attempt) =>
      send(
        { name: "begin", lease },
        () => port.begin(lease, attempt),
        () => (typeof attempt.verdictBefore === "string" ? `, after "${attempt.verdictBefore}"` : ""),
      ),
    renew: (lease, leaseMs) =>
      send(
        { name: "renew", lease },
        () => port.renew(lease, leaseMs),
        () => null,
      ),
    complete: (lease, outcome) =>
      send(
        { name: "complete", lease },
        () => port.complete(lease, outcome),
        ({ message }) => `: ${outcome.kind}, message ${message}`,
      ),
    fail: (lease, failure) =>
      send(
        { name: "fail", lease, failure },
        () => port.fail(lease, failure),
        ({ next }) =>
          `: ${failure.outcome}, ${failure.reason.code}${failure.countsAttempt ? "" : ", does not count"}; ${next}`,
      ),
    release: (lease) => send({ name: "release", lease }, () => port.release(lease)),
    agents: () => network.call(process, "agents", () => port.agents()),
    providerKeys: () => network.call(process, "providerKeys", () => port.providerKeys()),
    report: (report) =>
      process.waitFor(
        network.call(process, "report", async () => {
          if (isAway()) throw new TypeError("connect ECONNREFUSED");
          return await port.report(report);
        }),
      ),
    watch(onWork, signal) {
      port.watch?.(() => void timeline.after(5, () => process.enter(onWork)), signal);
    },
  };
}

import {
  ConnectionCutError,
  GatewayUnavailableError,
  GatewayUnreachableError,
  RequestRefusedError,
  RunAbortedError,
  RunFailedError,
  RunTimeoutError,
  type AgentResponse,
  type GatewayProbe,
  type OpenClawError,
  type ResponseRequest,
} from "@lobstercontrol/openclaw-client";
import type { RuntimeOptions } from "@lobstercontrol/runtime";
import type { Network } from "../network.ts";
import type { Process } from "../process.ts";
import type { Random } from "../random.ts";
import type { Story } from "../story.ts";
import type { Timeline } from "../timeline.ts";
import type { Weather } from "../weather.ts";
import type { Gateway } from "./gateway.ts";
import type { Answer, Right, Run } from "./session.ts";

type Client = RuntimeOptions["client"];

export interface ClientOptions {
  process: Process;
  gateway: Gateway;
  network: Network;
  timeline: Timeline;
  random: Random;
  weather: Weather;
  story: Story;
  rightOf: (from: Process, input: string) => Right;
}

/** The client of one process: it throws what the real one throws, and says no more than that one can know. */
export function createClient(options: ClientOptions): Client {
  const { process, gateway, network, timeline, random, weather, story, rightOf } = options;

  const send: Client["responses"]["create"] = ({ sessionKey = "", input: items, signal, timeoutMs }) =>
    new Promise<AgentResponse>((resolve, reject) => {
      const input = textOf(items);
      if (signal?.aborted === true) return reject(new RunAbortedError({ outcome: "notSent" }));
      network.note(process, "responses.create");
      const right = rightOf(process, input);
      const cut = weather.cut();
      let run: Run | null = null;
      let isClosed = false;

      /** The gateway notices a little later; something that is on its way arrives all the same. */
      function close(): void {
        if (isClosed) return;
        isClosed = true;
        cancelTimeout();
        forgetDeath();
        signal?.removeEventListener("abort", onAbort);
        noticeEnd();
      }
      function noticeEnd(): void {
        const afterMs = cut === "half open" ? random.between(5_000, 40_000) : random.between(1, 100);
        timeline.after(afterMs, () => {
          if (run !== null) gateway.hangUp(run);
        });
      }
      function settle(end: () => void): void {
        if (isClosed) return;
        close();
        end();
      }
      const fail = (error: OpenClawError): void => settle(() => reject(error));
      const onAbort = (): void => fail(new RunAbortedError({ outcome: "maybeRan" }));
      const cancelTimeout = process.clock.after(timeoutMs ?? 600_000, () =>
        fail(new RunTimeoutError({ timeoutMs: timeoutMs ?? 600_000 })),
      );
      const forgetDeath = process.onDeath(close);
      signal?.addEventListener("abort", onAbort, { once: true });

      function hear(answer: Answer): void {
        if (isClosed || cut === "half open") return;
        const heard = cut === "answer cut" && isOfRun(answer) ? ({ type: "cut" } as const) : answer;
        timeline.after(random.between(1, 10), () => process.enter(() => settle(() => understand(heard))));
      }
      function understand(answer: Answer): void {
        if (answer.type !== "ended") return reject(errorOf(answer, cut === "answered with a 500"));
        const { run: of, text } = answer;
        const isWhole = of.ending.kind !== "truncated";
        resolve({
          id: of.id,
          status: isWhole ? "completed" : "incomplete",
          text,
          incompleteReason: isWhole ? null : "max_output_tokens",
          usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
          model: "openclaw",
          toolCalls: [],
        });
      }

      if (cut !== "well") {
        story.count(`a connection: ${cut}`);
        story.tell(process.name, `run for ${input}: ${cut}`);
      }
      const cutShort = (): void => fail(new ConnectionCutError({ reason: "ECONNRESET" }));
      if (cut === "refused") return hear({ type: "unreachable" });
      if (cut === "cut before it arrives")
        return void timeline.after(random.between(1, 20), () => process.enter(cutShort));
      if (cut === "cut")
        timeline.after(random.chance(0.5) ? random.between(1, 300) : random.between(300, 8_000), () =>
          process.enter(cutShort),
        );
      timeline.after(random.between(1, 20), () => {
        run = gateway.receive({
          right,
          sessionKey,
          input,
          answer: hear,
        });
        // It was closed on the way: the gateway reads the request before it sees that.
        if (isClosed) noticeEnd();
      });
    });

  /** Never rejects: what it could not find out is null. */
  async function probe(): Promise<GatewayProbe> {
    const state = await process
      .waitFor(network.call(process, "probe", async () => gateway.state()))
      .catch(() => null);
    const ready = state === null ? null : state === "ready";
    return {
      live: state === null ? null : state !== "down",
      ready,
      authorized: ready,
      responsesEnabled: ready,
      version: null,
      latencyMs: null,
      reason: null,
    };
  }

  return { responses: { create: (request) => process.waitFor(send(request)) }, probe };
}

/** A runtime sends texts alone. */
export function textOf(input: ResponseRequest["input"]): string {
  if (typeof input !== "string") throw new TypeError("not a text");
  return input;
}

const isOfRun = ({ type }: Answer): boolean => type === "ended" || type === "failed";

function errorOf({ type }: Exclude<Answer, { type: "ended" }>, saysNothing: boolean): OpenClawError {
  switch (type) {
    case "failed":
      return saysNothing
        ? new ConnectionCutError({ reason: "the answer was 500", status: 500 })
        : new RunFailedError({ problem: "the provider answered 500" });
    case "unavailable":
      return new GatewayUnavailableError({ status: 503 });
    case "unreachable":
      return new GatewayUnreachableError({ reason: "ECONNREFUSED" });
    case "refused":
      return new RequestRefusedError({ status: 400, problem: "Invalid input" });
    case "cut":
      return new ConnectionCutError({ reason: "ECONNRESET" });
  }
}

import {
  heartbeatContent,
  type AccountId,
  type AgentSlug,
  type Clock,
  type RuntimePort,
  type Notification,
  type NotificationId,
} from "@lobstercontrol/core";
import { RunFailedError } from "@lobstercontrol/openclaw-client";
import type { RuntimeService } from "@lobstercontrol/runtime";
import { add, isBusy, refreshReadyAt, type Tables } from "./control-plane/tables.ts";
import { textOf } from "./gateway/client.ts";
import { failureText } from "./gateway/session.ts";
import type { Parts } from "./runtime-process.ts";
import type { Timeline } from "./timeline.ts";

/** A mistake that somebody could make, planted to see that it is found. */
export interface Bug {
  name: string;
  /** What is said when it is found. */
  breaks: RegExp;
  /** In the control plane. */
  controlPlane?: (
    port: RuntimePort,
    inside: { tables: Tables; timeline: Timeline; clock: Pick<Clock, "now"> },
  ) => RuntimePort;
  /** In what a runtime is given, which then is as if the runtime had it itself. */
  runtime?: (parts: Parts) => Partial<Parts>;
  stop?: (runtime: RuntimeService, graceMs: number) => Promise<void>;
}

function change(tables: Tables, id: NotificationId, over: Partial<Notification>): void {
  tables.notifications.set(id, { ...tables.notifications.get(id)!, ...over });
}

export const bugs: readonly Bug[] = [
  {
    name: "the lease is not checked on complete",
    breaks: /promise 2: a stale holder/,
    controlPlane: (port, { tables }) => ({
      ...port,
      complete: ({ notification, id }, outcome) =>
        port.complete({ notification, id: tables.notifications.get(notification)!.lease?.id ?? id }, outcome),
    }),
  },
  {
    name: "a retry goes to the end of its session key",
    breaks: /promise (4|2): /,
    controlPlane: (port, { tables }) => ({
      ...port,
      async fail(lease, failure) {
        const answer = await port.fail(lease, failure);
        const queue = tables.queueOf.get(lease.notification)!;
        if (answer.next === "retry") {
          change(tables, lease.notification, { position: ++queue.lastPosition });
          refreshReadyAt(tables, queue, 0);
        }
        return answer;
      },
    }),
  },
  {
    name: "the end is stored before the message",
    breaks: /promise 1: .* its message is nowhere/,
    controlPlane: (port, { tables, timeline }) => ({
      ...port,
      async complete(lease, outcome) {
        const answer = await port.complete(lease, outcome);
        const message = answer.message === "posted" ? tables.messages.pop() : undefined;
        if (message !== undefined) timeline.after(1, () => tables.messages.push(message));
        return answer;
      },
    }),
  },
  {
    name: "a heartbeat is stored while its agent is busy",
    breaks: /promise 4: heartbeat:writer:\d+ was stored while/,
    controlPlane(port, { tables, clock }) {
      let slot = 0;
      return {
        ...port,
        claim(request) {
          const agent = { account: "acme" as AccountId, slug: "writer" as AgentSlug };
          const content = heartbeatContent(agent, ++slot, `heartbeat ${slot}`);
          if (isBusy(tables, agent.account, agent.slug)) add(tables, content, 3, clock.now());
          return port.claim(request);
        },
      };
    },
  },
  {
    name: "a claim asks for one less than it may",
    breaks: /promise 1: .* has ended by itself: ERR_INVALID_INPUT/,
    runtime: ({ port }) => ({
      port: { ...port, claim: (request) => port.claim({ ...request, limit: request.limit - 1 }) },
    }),
  },
  {
    name: "a repeated claim is a new one",
    breaks: /promise 2: a repeated claim/,
    controlPlane(port) {
      let count = 0;
      return { ...port, claim: (request) => port.claim({ ...request, claimId: `c${++count}` }) };
    },
  },
  {
    name: "the error text of a failed run is posted as a reply",
    breaks: /promise 3: .*LLM request failed/,
    runtime: ({ client }) => ({
      client: {
        ...client,
        responses: {
          create: (request) =>
            client.responses.create(request).catch((error: unknown) => {
              if (!RunFailedError.isInstance(error)) throw error;
              return {
                id: "",
                status: "completed",
                text: failureText,
                incompleteReason: null,
                usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 },
                model: "openclaw",
                toolCalls: [],
              };
            }),
        },
      },
    }),
  },
  {
    name: "the error row of the history is taken for a reply",
    breaks: /promise 3: .*LLM request failed/,
    runtime: ({ control }) => ({
      control: {
        ...control,
        async didRun(parameters) {
          const found = await control.didRun(parameters);
          return found.verdict === "failed" ? { verdict: "ran", text: failureText } : found;
        },
      },
    }),
  },
  {
    name: "the history is not asked",
    breaks: /promise 5/,
    runtime: ({ control }) => ({
      control: { ...control, didRun: () => Promise.resolve({ verdict: "notRun" }) },
    }),
  },
  {
    name: "a run that still goes on counts as aborted",
    breaks: /promise 5: .* is not at its end/,
    runtime: ({ control }) => ({
      control: {
        ...control,
        async didRun(parameters) {
          const found = await control.didRun(parameters);
          return found.verdict === "active" ? { verdict: "aborted" } : found;
        },
      },
    }),
  },
  {
    name: "begin is stored after the send",
    breaks: /promise 5/,
    runtime({ port, client }) {
      const inputs = new Map<string, string>();
      const waiting = new Map<string, () => Promise<void>>();
      return {
        port: {
          ...port,
          claim: async (request) => {
            const claims = await port.claim(request);
            for (const { input, lease } of claims) inputs.set(lease.id, input);
            return claims;
          },
          begin: (lease, attempt) => {
            waiting.set(inputs.get(lease.id)!, () => port.begin(lease, attempt));
            return Promise.resolve();
          },
        },
        client: {
          ...client,
          responses: {
            async create(request) {
              const answer = client.responses.create(request);
              const [response] = await Promise.allSettled([answer]);
              await waiting
                .get(textOf(request.input))?.()
                .catch(() => {});
              if (response.status === "rejected") throw response.reason as Error;
              return response.value;
            },
          },
        },
      };
    },
  },
  {
    name: "a message does not tell that it is repeated",
    breaks: /promise 5: .* hides that it ran/,
    controlPlane: (port, { tables }) => ({
      ...port,
      async complete(lease, outcome) {
        const answer = await port.complete(lease, outcome);
        const message = tables.messages.at(-1);
        if (answer.message === "posted")
          tables.messages[tables.messages.length - 1] = { ...message!, repeated: false };
        return answer;
      },
    }),
  },
  {
    name: "a repeated complete posts again",
    breaks: /promise 3: .* has two messages/,
    controlPlane: (port, { tables }) => ({
      ...port,
      async complete(lease, outcome) {
        const answer = await port.complete(lease, outcome);
        const first = tables.messages.find(({ notification }) => notification === lease.notification);
        if (answer.message === "duplicate") tables.messages.push(first!);
        return answer;
      },
    }),
  },
  {
    name: "what is handed back has cost an attempt",
    breaks: /promise 1: .* is at attempt/,
    controlPlane: (port, { tables }) => ({
      ...port,
      async release(lease) {
        const { attempts } = tables.notifications.get(lease.notification)!;
        await port.release(lease);
        change(tables, lease.notification, { attempts });
      },
    }),
  },
  {
    name: "a gateway that is down costs attempts",
    breaks: /promise 1: .* attempt/,
    controlPlane: (port) => ({
      ...port,
      fail: (lease, failure) => port.fail(lease, { ...failure, countsAttempt: true }),
    }),
  },
  {
    name: "a lease is given away before its time",
    breaks: /promise (1|2)/,
    controlPlane: (port, { tables }) => ({
      ...port,
      async renew(lease, leaseMs) {
        await port.renew(lease, leaseMs);
        const held = tables.notifications.get(lease.notification)!.lease!;
        const queue = tables.queueOf.get(lease.notification)!;
        change(tables, lease.notification, { state: "pending", lease: held });
        refreshReadyAt(tables, queue, 0);
      },
    }),
  },
  {
    name: "an older start of a worker is not fenced",
    breaks: /promise 2: .* a newer one/,
    controlPlane: (port, { tables }) => ({
      ...port,
      claim(request) {
        for (const each of tables.incarnations) each.fenced = false;
        return port.claim(request);
      },
    }),
  },
  {
    name: "a failed attempt is forgotten",
    breaks: /promise 1: .* vanished/,
    controlPlane: (port, { tables }) => ({
      ...port,
      async fail(lease, failure) {
        const answer = await port.fail(lease, failure);
        if (answer.next === "retry" && failure.outcome === "maybeRan")
          tables.notifications.delete(lease.notification);
        return answer;
      },
    }),
  },
  {
    name: "stop() does not wait",
    breaks: /promise 13: .* after stop\(\) has resolved/,
    stop(runtime, graceMs) {
      void runtime.stop({ graceMs });
      return Promise.resolve();
    },
  },
];

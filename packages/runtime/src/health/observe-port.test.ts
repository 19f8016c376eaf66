import {
  InvalidInputError,
  UnauthorizedError,
  WorkerFencedError,
  type Claim,
  type RuntimePort,
} from "@lobstercontrol/core";
import { ControlPlaneUnreachableError } from "@lobstercontrol/core/http";
import { createFakeClock } from "@lobstercontrol/core/testing";
import { expect, it } from "vitest";
import { createConditions } from "./conditions.ts";
import { observePort } from "./observe-port.ts";

const request = { workerId: "w", incarnation: "i", claimId: "c", limit: 1, leaseMs: 1_000 };

function open(claim: () => Promise<Claim[]>) {
  const clock = createFakeClock();
  const conditions = createConditions(clock);
  let wakes = 0;
  const unused = async (): Promise<never> => {
    throw new Error("not expected");
  };
  const inner: RuntimePort = {
    claim,
    begin: unused,
    renew: unused,
    complete: unused,
    fail: unused,
    release: unused,
    agents: unused,
    providerKeys: unused,
    report: unused,
    watch: (onWork) => onWork(),
  };
  const over = new AbortController();
  const port = observePort({
    port: inner,
    conditions,
    clock,
    silenceMs: 7_500,
    onWork: () => wakes++,
    signal: over.signal,
  });
  return { port, clock, now: () => conditions.list()[0], wakes: () => wakes };
}

it.each([
  [null, "true Answers"],
  [new ControlPlaneUnreachableError({ reason: "ECONNREFUSED" }), "false NoAnswer"],
  [new UnauthorizedError(), "false TokenRefused"],
  [new WorkerFencedError({ workerId: "w" }), "false Fenced"],
  [new InvalidInputError({ field: "claim", problem: "is no call of this control plane" }), "false Refused"],
  [new TypeError("a bug"), "false Failed"],
])("%s is told as %s", async (error, said) => {
  const { port, now } = open(async () => {
    if (error !== null) throw error;
    return [];
  });
  const caught = await port.claim(request).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(caught).toBe(error);
  expect(`${now()?.status} ${now()?.reason}`).toBe(said);
});

it("promise 11: a control plane that says nothing shows before its call has failed", async () => {
  let answer = (_claims: Claim[]): void => {};
  const { port, clock, now } = open(() => new Promise((resolve) => (answer = resolve)));
  const claimed = port.claim(request);
  clock.advance(7_499);
  expect(now()).toBeUndefined();
  clock.advance(1);
  expect(now()).toMatchObject({ status: "false", reason: "NoAnswer" });
  answer([]);
  await claimed;
  expect(now()?.status).toBe("true");
  expect(clock.waiting()).toBe(0);
});

it("a wake-up is for the loop and for whoever reports", () => {
  const { port, wakes } = open(async () => []);
  let woken = 0;
  port.watch?.(() => woken++, new AbortController().signal);
  expect([woken, wakes()]).toEqual([1, 1]);
});

import { createFakeClock } from "@lobstercontrol/core/testing";
import type { Claim, Failure } from "@lobstercontrol/core";
import { expect, it } from "vitest";
import type { RuntimeEvent } from "../events.ts";
import { createConditions } from "./conditions.ts";
import { watchDeliveries } from "./delivery-health.ts";

// Nothing here reads the claim.
const claim = {} as Claim;
const delivered: RuntimeEvent = {
  type: "delivered",
  claim,
  outcome: { kind: "noReply", responseId: null },
  message: "none",
  tookMs: 1,
};

function failed(failure: Partial<Failure> = {}): RuntimeEvent {
  const reason = { code: "ERR_RUN_FAILED", message: "The provider was overloaded." };
  return {
    type: "failed",
    claim,
    failure: { outcome: "ran", reason, retryable: true, countsAttempt: true, ...failure },
    gatewayType: null,
    next: "retry",
  };
}

function open() {
  const conditions = createConditions(createFakeClock());
  const tell = watchDeliveries(conditions);
  return { tell, now: () => conditions.list().find(({ type }) => type === "DeliveryHealthy") };
}

it("three runs that failed in a row are a condition with the code; the first that ends well ends it", () => {
  const { tell, now } = open();
  expect(now()).toMatchObject({ status: "unknown", reason: "NoRunYet" });
  tell(failed());
  tell(failed());
  expect(now()?.status).toBe("unknown");
  tell(failed());
  expect(now()).toMatchObject({
    status: "false",
    reason: "RunsFail",
    evidence: "The provider was overloaded.",
  });
  expect(now()?.message).toContain("ERR_RUN_FAILED");
  tell(delivered);
  expect(now()).toMatchObject({ status: "true", reason: "RunsEndWell" });
});

it("a run that ends well in between is no such row", () => {
  const { tell, now } = open();
  for (let turn = 0; turn < 10; turn++) {
    tell(failed());
    tell(failed());
    tell(delivered);
  }
  tell(failed());
  expect(now()?.status).toBe("true");
});

it("what a gateway did not take at all is not held against deliveries", () => {
  const { tell, now } = open();
  for (let turn = 0; turn < 10; turn++) tell(failed({ countsAttempt: false, outcome: "notSent" }));
  expect(now()?.status).toBe("unknown");
});

import { Secret } from "@lobstercontrol/core";
import { GatewayClientRequestError } from "@openclaw/gateway-client";
import { describe, expect, it } from "vitest";
import { ControlNotPairedError, ControlUnauthorizedError, ControlUnreachableError } from "./errors.ts";
import { callFailure, connectFailure } from "./failure.ts";
import { pair } from "./pair.ts";

/** A refused sign-in as the gateway answers it. */
const refused = (code: string, message: string, details: object) =>
  new GatewayClientRequestError({ code, message, details });
const waiting = (details: object = {}) =>
  refused("NOT_PAIRED", "device pairing required", {
    code: "PAIRING_REQUIRED",
    reason: "not-paired",
    requestId: "d7042e68-53b0",
    deviceId: "7e603fd763",
    ...details,
  });

describe("a sign-in that the gateway refused", () => {
  it("waits for approval: who, what, and how", () => {
    expect(connectFailure(waiting())).toMatchObject({
      code: "ERR_CONTROL_NOT_PAIRED",
      deviceId: "7e603fd763",
      requestId: "d7042e68-53b0",
      retryable: true,
      message: "The gateway takes no control calls of device 7e603fd763 before it is approved.",
      hint: expect.stringMatching(/openclaw devices approve d7042e68-53b0$/),
    });
  });

  it("was approved once: says that this has ended", () => {
    const revoked = connectFailure(waiting({ reason: "role-upgrade", approvedRoles: ["operator"] }));

    expect(revoked).toBeInstanceOf(ControlNotPairedError);
    expect(revoked.message).toContain("its approval was revoked or has changed");
  });

  it.each(["x; rm -rf /", "$(id)", "", 5, null])("never hands on %j as something to type", (requestId) => {
    const error = connectFailure(waiting({ requestId, deviceId: requestId }));

    expect(error).toMatchObject({ code: "ERR_CONTROL_NOT_PAIRED", requestId: null, deviceId: null });
    expect(error).toHaveProperty("hint", expect.stringMatching(/openclaw devices approve REQUEST$/));
  });

  it.each([
    ["AUTH_TOKEN_MISMATCH", ControlUnauthorizedError],
    ["DEVICE_AUTH_SIGNATURE_INVALID", ControlUnauthorizedError],
    ["PROTOCOL_MISMATCH", ControlUnreachableError],
  ])("%s", (code, expected) => {
    expect(connectFailure(refused("INVALID_REQUEST", "no", { code }))).toBeInstanceOf(expected);
  });
});

describe("a call that the gateway refused", () => {
  const token = new Secret("correct horse");

  it("for want of rights is one without a device", () => {
    const error = refused("FORBIDDEN", "missing scope: operator.read", { code: "MISSING_SCOPE" });

    expect(callFailure("agents.list", {}, error, token)).toMatchObject({
      code: "ERR_CONTROL_NOT_PAIRED",
      deviceId: null,
      requestId: null,
      retryable: false,
    });
  });

  it("for another reason says which, without the token", () => {
    const error = refused("UNAVAILABLE", "no correct horse today", {});

    expect(callFailure("agents.list", {}, error, token)).toMatchObject({
      code: "ERR_CONTROL_CALL",
      message: "The gateway did not carry out agents.list: no [secret] today.",
    });
  });
});

describe("promise 8: a call that the gateway refused", () => {
  it("does not say in which session", () => {
    const sessionKey = "agent:writer:lobster:a.acme:t.t1:0";
    const error = refused("INVALID_REQUEST", `session not found: ${sessionKey}`, {});
    const call = { sessionKey, limit: 400 };

    expect(callFailure("chat.history", call, error, new Secret("correct horse")).message).toBe(
      "The gateway did not carry out chat.history: session not found: [secret].",
    );
  });
});

describe("pairing", () => {
  const device = { id: "7e603fd763", signIn: {} };
  const failing = (error: Error) => () => Promise.reject(error);

  it("tells what an operator has to approve", async () => {
    expect(await pair(failing(connectFailure(waiting())), device)).toEqual({
      isPaired: false,
      deviceId: device.id,
      requestId: "d7042e68-53b0",
    });
  });

  it.each([
    ["there is nothing to approve", new ControlNotPairedError()],
    ["the gateway is away", new ControlUnreachableError({ reason: "ECONNREFUSED" })],
    ["the token is wrong", new ControlUnauthorizedError()],
  ])("fails when %s", async (_, error) => {
    await expect(pair(failing(error), device)).rejects.toBe(error);
  });
});

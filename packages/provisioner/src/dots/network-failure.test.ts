import { describe, expect, it } from "vitest";
import { networkFailure } from "./network-failure.ts";

function failure(code: string, more: object = {}): Error {
  return new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code, ...more }) });
}

describe("a failed fetch", () => {
  it.each([
    ["refused", failure("ECONNREFUSED", { syscall: "connect" })],
    ["no such host", failure("ENOTFOUND", { syscall: "getaddrinfo" })],
    ["no such host in time", failure("EAI_AGAIN")],
    ["cut while connecting", failure("ECONNRESET", { syscall: "connect" })],
    ["a certificate of somebody else", failure("ERR_TLS_CERT_ALTNAME_INVALID")],
    [
      "each address of the host refused",
      new TypeError("fetch failed", {
        cause: new AggregateError([failure("ECONNREFUSED"), failure("ENETUNREACH")], "no address"),
      }),
    ],
  ])("was certainly not sent: %s", (_, error) => {
    expect(networkFailure(error)).toEqual({
      beforeConnection: true,
      code: expect.stringMatching(/^[A-Z_]+$/) as string,
    });
  });

  it.each([
    ["cut", failure("ECONNRESET", { syscall: "read" })],
    ["closed", failure("UND_ERR_SOCKET")],
    ["the host vanished under the connection", failure("EHOSTUNREACH", { syscall: "write" })],
    ["one address refused, another cut", new AggregateError([failure("ECONNREFUSED"), failure("EPIPE")])],
    ["something that nobody knows", new Error("boom")],
    ["something that is no error", "boom"],
    ["nothing", undefined],
  ])("may have been sent: %s", (_, error) => {
    expect(networkFailure(error).beforeConnection).toBe(false);
  });

  it("tells the platform's word and nothing else of it", () => {
    expect(networkFailure(failure("ECONNREFUSED")).code).toBe("ECONNREFUSED");
    expect(networkFailure(failure("Bearer canary")).code).toBe("the connection failed");
  });

  it("is read to an end, even where it is its own cause", () => {
    const error = new Error("boom");
    error.cause = error;

    expect(networkFailure(error)).toEqual({ beforeConnection: false, code: "the connection failed" });
  });
});

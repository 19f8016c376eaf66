import { describe, expect, it } from "vitest";
import { networkFailure } from "./network-failure.ts";

const before = {};
const failed = (code: string, rest: object = {}): Error => Object.assign(new Error(code), { code, ...rest });
const denoRefused = "client error (Connect): tcp connect error: Connection refused (os error 111)";
const fetchFailed = (cause: unknown): Error => new TypeError("fetch failed", { cause });

describe("networkFailure", () => {
  it.each([
    ["a refused port", fetchFailed(failed("ECONNREFUSED", { syscall: "connect" }))],
    ["a refused port, as Bun has it", failed("ConnectionRefused")],
    [
      "a refused port, as Deno has it",
      new TypeError(`error sending request for url (http://g/): ${denoRefused}`),
    ],
    ["an unknown name", fetchFailed(failed("ENOTFOUND", { syscall: "getaddrinfo" }))],
    ["a name server that is away", fetchFailed(failed("EAI_AGAIN"))],
    ["a connect that timed out", fetchFailed(failed("UND_ERR_CONNECT_TIMEOUT"))],
    ["a connect that the system timed out", fetchFailed(failed("ETIMEDOUT", { syscall: "connect" }))],
    ["no route", fetchFailed(failed("EHOSTUNREACH"))],
    ["a certificate of another name", fetchFailed(failed("ERR_TLS_CERT_ALTNAME_INVALID"))],
    ["a certificate that nobody signed", fetchFailed(failed("DEPTH_ZERO_SELF_SIGNED_CERT"))],
    [
      "every address of a name",
      fetchFailed(
        new AggregateError([failed("ECONNREFUSED"), failed("ENETUNREACH", { syscall: "connect" })]),
      ),
    ],
  ])("is sure that nothing was sent: %s", (_name, error) => {
    expect(networkFailure(error, before)).toMatchObject({
      code: "ERR_GATEWAY_UNREACHABLE",
      outcome: "notSent",
    });
  });

  it.each([
    ["a reset", fetchFailed(failed("ECONNRESET", { syscall: "read" }))],
    ["a socket that closed", fetchFailed(failed("UND_ERR_SOCKET"))],
    ["silence", fetchFailed(failed("UND_ERR_HEADERS_TIMEOUT"))],
    ["a timeout of a connection that stood", fetchFailed(failed("ETIMEDOUT", { syscall: "read" }))],
    ["a route that vanished under a connection", fetchFailed(failed("EHOSTUNREACH", { syscall: "write" }))],
    ["one address of two", fetchFailed(new AggregateError([failed("ECONNREFUSED"), failed("ECONNRESET")]))],
    ["no addresses at all", fetchFailed(new AggregateError([]))],
    ["anything else", fetchFailed(new Error("?"))],
    ["a text", "?"],
    ["nothing", undefined],
  ])("does not know: %s", (_name, error) => {
    expect(networkFailure(error, before)).toMatchObject({ code: "ERR_CONNECTION_CUT", outcome: "maybeRan" });
  });

  it("is never sure of nothing once an answer has begun", () => {
    const error = networkFailure(failed("ECONNREFUSED"), { status: 200, responseId: "resp_1" });

    expect(error).toMatchObject({ code: "ERR_CONNECTION_CUT", responseId: "resp_1" });
  });

  it("survives an error that is its own cause", () => {
    const error = new Error("loop");
    error.cause = error;

    expect(networkFailure(error, before).outcome).toBe("maybeRan");
  });
});

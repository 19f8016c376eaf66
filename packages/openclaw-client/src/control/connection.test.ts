import { Secret } from "@lobstercontrol/core";
import { describe, expect, it } from "vitest";
import { webSocketUrl } from "./connection.ts";
import { createGatewayControl } from "./create-gateway-control.ts";

describe("the gateway's address", () => {
  it.each([
    ["http://127.0.0.1:18789", "ws://127.0.0.1:18789/"],
    ["https://gateway.example/base", "wss://gateway.example/base"],
    ["ws://[::1]:1", "ws://[::1]:1/"],
  ])("%s", (url, expected) => {
    expect(webSocketUrl(url)).toBe(expected);
    expect(webSocketUrl(new URL(url))).toBe(expected);
  });

  it.each(["", "127.0.0.1:18789", "ftp://127.0.0.1", "http://user:hunter22@127.0.0.1"])(
    "is not %s",
    (url) => {
      expect(() => webSocketUrl(url)).toThrow(/^url: /);
      expect(() => webSocketUrl(url)).not.toThrow(/hunter22/);
    },
  );

  it("needs a token", () => {
    expect(() => createGatewayControl({ url: "http://127.0.0.1", token: new Secret("") })).toThrow(
      /^token: /,
    );
  });

  it("is not sent the token in clear", async () => {
    const control = createGatewayControl({ url: "http://gateway.example", token: "correct horse" });

    await expect(control.agents()).rejects.toMatchObject({ code: "ERR_CONTROL_UNREACHABLE" });
  });
});

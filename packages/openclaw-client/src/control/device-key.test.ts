import { createHash, createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { inspect } from "node:util";
import { Secret } from "@lobstercontrol/core";
import { describe, expect, it } from "vitest";
import { createGatewayControl } from "./create-gateway-control.ts";
import { createDeviceKey, deviceOf } from "./device-key.ts";

describe("a device key", () => {
  it("is another one each time, and is not shown", () => {
    const [one, other] = [createDeviceKey(), createDeviceKey()];

    expect(one.reveal()).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(one.reveal()).not.toBe(other.reveal());
    expect(inspect(one) + JSON.stringify(one)).not.toContain("PRIVATE");
  });

  it("makes the same device each time, by the SHA-256 of its public key", () => {
    const key = createDeviceKey();
    const { id, signIn } = deviceOf(key);
    const der = createPublicKey(key.reveal()).export({ type: "spki", format: "der" });

    expect(id).toBe(createHash("sha256").update(der.subarray(-32)).digest("hex"));
    expect(deviceOf(new Secret(key.reveal())).id).toBe(id);
    expect(signIn.deviceIdentity?.deviceId).toBe(id);
    expect(signIn.hostDeps?.publicKeyRawBase64UrlFromPem?.("")).toBe(der.subarray(-32).toString("base64url"));
  });

  it("signs, and does not leave our hands", () => {
    const key = createDeviceKey();
    const { signIn } = deviceOf(key);
    const signature = signIn.hostDeps?.signDevicePayload?.("", "a challenge") ?? "";

    const publicKey = createPublicKey(key.reveal());
    expect(verify(null, Buffer.from("a challenge"), publicKey, Buffer.from(signature, "base64url"))).toBe(
      true,
    );
    expect(inspect(signIn, { depth: null })).not.toContain(key.reveal().split("\n")[1]);
  });

  const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
  it.each([
    ["nothing", ""],
    ["a text", "correct horse battery"],
    ["a key of another kind", rsa.export({ type: "pkcs8", format: "pem" })],
    ["a public key", createPublicKey(createDeviceKey().reveal()).export({ type: "spki", format: "pem" })],
  ])("is not %s, which the error does not repeat", (_, deviceKey) => {
    const make = () =>
      createGatewayControl({ url: "http://127.0.0.1", token: "x", deviceKey: String(deviceKey) });

    expect(make).toThrow("deviceKey: is not an Ed25519 private key as PEM.");
    expect(make).not.toThrow(/horse/);
  });

  it("is needed to pair", async () => {
    const control = createGatewayControl({ url: "http://127.0.0.1:1", token: "x" });

    await expect(control.pair()).rejects.toMatchObject({
      code: "ERR_INVALID_INPUT",
      message: "deviceKey: must be given to pair.",
    });
  });
});

import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { InvalidInputError, Secret } from "@lobstercontrol/core";
import type { GatewayClientOptions } from "@openclaw/gateway-client";

/**
 * Makes the key by which a gateway knows this control again once it is paired. Make one per control, keep it as you keep
 * the gateway's token, and hand it to `createGatewayControl` each time: with another key, one has to pair anew.
 *
 * @returns an Ed25519 private key, as PEM
 *
 * @example
 * ```ts
 * import { createDeviceKey } from "@lobstercontrol/openclaw-client/control";
 *
 * export function deviceKeyFrom(stored: string | undefined, store: (key: string) => void): string {
 *   if (stored !== undefined) return stored;
 *   const key = createDeviceKey().reveal();
 *   store(key);
 *   return key;
 * }
 * ```
 */
export function createDeviceKey(): Secret {
  const { privateKey } = generateKeyPairSync("ed25519");
  return new Secret(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
}

/** A device, as the official client signs in with it. */
export interface Device {
  /** What the gateway calls it: the SHA-256 of its public key. */
  id: string;
  /** What the official client needs of it. */
  signIn: Pick<GatewayClientOptions, "deviceIdentity" | "hostDeps" | "clientDisplayName">;
}

/**
 * The device that a key makes.
 *
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` when it is no Ed25519 private key
 */
export function deviceOf(key: Secret): Device {
  const privateKey = parseKey(key.reveal());
  const publicKey = createPublicKey(privateKey);
  const raw = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  const id = createHash("sha256").update(raw).digest("hex");
  return {
    id,
    signIn: {
      clientDisplayName: "LobsterControl",
      deviceIdentity: {
        deviceId: id,
        publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
        // The official client only hands it back to us, to sign with; it need not have it for that.
        privateKeyPem: "",
      },
      hostDeps: {
        signDevicePayload: (_, payload) => sign(null, Buffer.from(payload), privateKey).toString("base64url"),
        publicKeyRawBase64UrlFromPem: () => raw.toString("base64url"),
      },
    },
  };
}

function parseKey(pem: string): ReturnType<typeof createPrivateKey> {
  let key: ReturnType<typeof createPrivateKey> | null = null;
  try {
    key = createPrivateKey(pem);
  } catch {
    // What is wrong with it is told below, without what it is.
  }
  if (key?.asymmetricKeyType !== "ed25519")
    throw new InvalidInputError({ field: "deviceKey", problem: "is not an Ed25519 private key as PEM" });
  return key;
}

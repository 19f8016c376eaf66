/** Seals one text again and again: no nonce and no ciphertext may come twice. */
import { createKeyRing, createVault, generateMasterKey } from "@lobstercontrol/secrets";

/**
 * @param count how many envelopes to make
 * @returns how many different nonces and ciphertexts they have
 */
export async function unique(count: number): Promise<{ nonces: number; ciphertexts: number }> {
  const keyRing = createKeyRing({ keys: [{ id: "k1", secret: generateMasterKey(), status: "active" }] });
  const vault = createVault({ keyRing });
  const context = { purpose: "bench", account: "acme", provider: "none", record: "none", version: 1 };
  const nonces = new Set<string>();
  const ciphertexts = new Set<string>();
  for (let done = 0; done < count; done += 100) {
    const envelopes = await Promise.all(Array.from({ length: 100 }, () => vault.seal("hunter2", context)));
    for (const envelope of envelopes) {
      const payload = envelope.slice(envelope.lastIndexOf(".") + 1);
      nonces.add(payload.slice(0, 16));
      ciphertexts.add(payload.slice(16));
    }
  }
  return { nonces: nonces.size, ciphertexts: ciphertexts.size };
}

import { createKeyRing, createVault, generateMasterKey } from "@lobstercontrol/secrets";

/** A vault on a master key of this run. */
export const testVault = createVault({
  keyRing: createKeyRing({ keys: [{ id: "k1", secret: generateMasterKey(), status: "active" }] }),
});

import { createMemorySecretStore } from "./memory-secret-store.ts";
import { secretStoreSuite } from "./secret-store-suite.ts";

secretStoreSuite("Memory", () => {
  const store = createMemorySecretStore();
  return {
    store,
    addAccount: store.addAccount,
    activities: (account) => store.activities.get(account) ?? [],
  };
});

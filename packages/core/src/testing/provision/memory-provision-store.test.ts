import { createBootstrapPort } from "../../provision/bootstrap-port.ts";
import { bootstrapPortSuite } from "../bootstrap-port-suite.ts";
import { provisionStoreSuite } from "../provision-store-suite.ts";
import { createMemoryProvisionStore } from "./memory-provision-store.ts";

provisionStoreSuite("memory", () => {
  const store = createMemoryProvisionStore();
  return { store, ...store };
});

bootstrapPortSuite("memory", ({ clock }) => {
  const store = createMemoryProvisionStore();
  return { store, ...store, bootstrap: createBootstrapPort({ store, clock }) };
});

/**
 * For tests: a DigitalOcean in memory.
 *
 * @packageDocumentation
 */
export {
  createFakeDigitalOcean,
  exampleSizes,
  type FakeCall,
  type FakeCallHook,
  type FakeDigitalOcean,
  type FakeDigitalOceanOptions,
} from "./fake-digital-ocean.ts";

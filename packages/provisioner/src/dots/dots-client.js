import { createDigitalOceanClient } from "@digitalocean/dots";
import {
  InMemoryBackingStoreFactory,
  ParseNodeFactoryRegistry,
  SerializationWriterFactoryRegistry,
} from "@microsoft/kiota-abstractions";

// JavaScript, with its types beside it: dots ships TypeScript sources in place of declarations, and whoever imports it
// compiles all of them by its own settings. With ours they have thousands of errors.

export function createDotsClient(baseUrl) {
  const writers = new SerializationWriterFactoryRegistry();
  const parsers = new ParseNodeFactoryRegistry();
  const store = new InMemoryBackingStoreFactory();
  // Kiota's word for what a client sends with. This one cannot send: it only has what writing a request takes.
  const adapter = {
    baseUrl,
    getSerializationWriterFactory: () => writers,
    getParseNodeFactory: () => parsers,
    getBackingStoreFactory: () => store,
  };
  return createDigitalOceanClient(adapter).v2;
}

import { testInNode } from "./test-in-node.ts";

// The one that the repository itself runs on.
await testInNode(24, process.execPath);

import { runtimePortSuite } from "@lobstercontrol/core/testing";
import { createMemoryControlPlane } from "./control-plane/control-plane.ts";

// What the simulation shows is worth as much as its control plane is like a real one.
runtimePortSuite("the simulation's control plane", createMemoryControlPlane);

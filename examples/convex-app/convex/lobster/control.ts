import { LobsterControl } from "@lobstercontrol/convex";
import { components } from "../_generated/api.js";

export const lobsterControl: LobsterControl = new LobsterControl(components.lobsterControl);

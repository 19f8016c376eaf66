import type { DropletApi } from "@lobstercontrol/core";
import { createDotsApi } from "@lobstercontrol/provisioner/dots";

export const api: DropletApi = createDotsApi({ token: "x" });

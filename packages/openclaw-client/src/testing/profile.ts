import { InvalidInputError } from "@lobstercontrol/core";

/** A gateway that is imitated: the releases of OpenClaw that begin with this number. */
export type MockGatewayProfile = "openclaw-2026.9";

/** What differs from release to release. */
export interface Profile {
  /** What `/startupz` says. */
  version: string;
}

const profiles: Record<MockGatewayProfile, Profile> = {
  "openclaw-2026.9": { version: "2026.9.6" },
};

/** @throws {InvalidInputError} `ERR_INVALID_INPUT` when there is no such profile */
export function findProfile(name: MockGatewayProfile = "openclaw-2026.9"): Profile {
  if (!Object.hasOwn(profiles, name)) {
    const known = Object.keys(profiles).join(", ");
    throw new InvalidInputError({ field: "profile", problem: `is none of these: ${known}` });
  }
  return profiles[name];
}

/** A package that uses web standards only, and so must work in every runtime. */
export interface WebStandardPackage {
  /** Its folder in `packages`. */
  name: string;
  /** What of it is for Node all the same: folders, such as an entry of its own, and files. */
  forNode?: readonly string[];
}

/** All of them. To add one, add its line. */
export const webStandardPackages: readonly WebStandardPackage[] = [
  { name: "core" },
  {
    name: "openclaw-client",
    forNode: ["src/control", "src/testing/listen-mock-gateway.ts", "tests/memory.test.ts"],
  },
  {
    name: "secrets",
    forNode: ["src/cli", "src/wycheproof.test.ts", "tests/cli.test.ts"],
  },
  { name: "provisioner" },
];

import { describe, expect, it } from "vitest";
import { version } from "../version.ts";
import { run } from "./run.ts";

async function cli(...args: string[]) {
  const out: string[] = [];
  const notes: string[] = [];
  const code = await run(args, {
    env: {},
    out: (line) => out.push(line),
    note: (line) => notes.push(line),
    logger: () => Promise.reject(new Error("nothing is logged yet")),
    onSignal: () => {},
    exit: () => {},
  });
  return { code, out: out.join("\n"), notes: notes.join("\n") };
}

it("prints its version", async () => {
  for (const args of [["version"], ["--version"]])
    expect(await cli(...args)).toEqual({ code: 0, out: version, notes: "" });
});

it.each([[[]], [["--help"]], [["-h"]], [["start", "--help"]], [["help"]]])(
  "%j show the help",
  async (args) => {
    const { code, out } = await cli(...args);
    expect(code).toBe(0);
    for (const said of ["start", "doctor", "version", "SIGTERM", "78"]) expect(out).toContain(said);
  },
);

describe("arguments that are not understood", () => {
  const token = ["lcs", "0123456789abcdef0123456789abcdef"].join("_");
  it.each([[["begin"]], [["start", token]], [[`--token=${token}`]], [["doctor", "--verbose"]]])(
    "%j end with 64, and are not repeated: they may be a token",
    async (args) => {
      const { code, out, notes } = await cli(...args);
      expect([code, out]).toEqual([64, ""]);
      expect(notes).toContain("Usage:");
      expect(notes).not.toMatch(/lcs_|begin|verbose/);
    },
  );
});

it.each(["start", "doctor"])(
  "%s tells all that is wrong with the configuration, with the page on it",
  async (name) => {
    const { code, notes } = await cli(name);
    expect(code).toBe(78);
    expect(notes).toMatch(
      /CONTROL_PLANE_URL[^]*SERVICE_TOKEN[^]*OPENCLAW_GATEWAY_TOKEN[^]*ERR_CONFIG_INVALID/,
    );
  },
);

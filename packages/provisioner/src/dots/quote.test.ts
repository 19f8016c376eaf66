import { Secret } from "@lobstercontrol/core";
import { describe, expect, it } from "vitest";
import { quote } from "./quote.ts";

const token = new Secret(["dop", "v1", "0123456789abcdef".repeat(4)].join("_"));
const userData = "#cloud-config\nruncmd:\n  - echo canary-of-the-user-data\n";

describe("what DigitalOcean says, in an error", () => {
  it("is told on one line, and not for longer than 300 characters", () => {
    expect(quote("Size is\nnot available.\u0000", token, null)).toBe("Size is not available.");
    expect(quote("x".repeat(1_000), token, null)).toHaveLength(300);
  });

  it.each([
    ["the token", `Bearer ${token.reveal()}`],
    ["a part of the token", `token …${token.reveal().slice(-14)}`],
    ["user-data", `user_data ${userData} is wrong`],
    ["a part of user-data", "line 3 is wrong: canary-of-the-u"],
  ])("is withheld when it repeats %s", (_, text) => {
    expect(quote(text, token, userData)).toBe("(withheld: it repeats what was sent)");
  });

  it("is scrubbed of what looks like anybody's credential", () => {
    expect(quote("password=hunter2hunter2", token, null)).toBe("password=[secret]");
  });

  it("is told beside a user-data that says nothing", () => {
    expect(quote("a", token, "")).toBe("a");
    expect(quote("#1", token, "#")).toBe("#1");
    expect(quote("see #abc", token, "#abc")).toBe("(withheld: it repeats what was sent)");
  });
});

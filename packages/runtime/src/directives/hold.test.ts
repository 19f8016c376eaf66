import { expect, it } from "vitest";
import { createHolds } from "./hold.ts";

it("claims again only when nobody has a reason left not to", () => {
  const calls: string[] = [];
  const told: string[] = [];
  const runtime = {
    async pause() {
      calls.push("pause");
    },
    resume: () => void calls.push("resume"),
  };
  const holds = createHolds(runtime, (reason) => told.push(reason));
  void holds.hold("Drained");
  void holds.hold("Restarting");
  holds.release("Restarting");
  holds.release("Upgrading");
  expect([calls, told]).toEqual([
    ["pause", "pause"],
    ["Drained", "Restarting", "Drained"],
  ]);
  holds.release("Drained");
  expect([calls.at(-1), told.at(-1)]).toEqual(["resume", "Claiming"]);
});

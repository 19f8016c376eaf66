import { InvalidInputError } from "@lobstercontrol/core";
import { createFakeClock, reportOf } from "@lobstercontrol/core/testing";
import { expect, it, onTestFinished } from "vitest";
import { createSqliteControlPlane } from "./control-plane.ts";

it("promise 11: the fleet is shown worst first, in pages, as it is when somebody looks", async () => {
  const clock = createFakeClock();
  const controlPlane = createSqliteControlPlane({ path: ":memory:", clock });
  onTestFinished(() => controlPlane.close());
  const down = {
    type: "GatewayReachable",
    status: "false",
    reason: "Refused",
    message: "No.",
    runbook: "",
    forMs: 0,
  } as const;
  const report = async (account: string, over = {}) => {
    await controlPlane.platform.upsertAccount({ account });
    const { token } = await controlPlane.admin({ id: "u" }, account).issueServiceToken();
    await controlPlane.runtime(token).report(reportOf({ nextInMs: 10_000, ...over }));
  };
  await report("silent");
  clock.advance(30_000);
  await report("fine");
  await report("broken", { conditions: [down] });
  await controlPlane.platform.upsertAccount({ account: "new" });
  await report("closed");
  await controlPlane.platform.closeAccount("closed");

  const pages: [string, string][][] = [];
  for (let after: string | null | undefined; after !== null;) {
    const page = await controlPlane.operator.fleet({ limit: 2, ...(after === undefined ? {} : { after }) });
    pages.push(page.items.map(({ account, runtime }) => [account, runtime.status]));
    after = page.next;
  }
  expect(pages).toEqual([
    [
      ["broken", "error"],
      ["new", "offline"],
    ],
    [
      ["silent", "offline"],
      ["fine", "online"],
    ],
  ]);
  await expect(controlPlane.operator.fleet({ after: "7" })).rejects.toThrow(InvalidInputError);
});

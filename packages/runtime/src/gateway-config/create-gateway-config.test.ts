import { ControlTimeoutError, type ApplyConfigParameters } from "@lobstercontrol/openclaw-client/control";
import { readdir, readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { nodeFiles } from "./files.ts";
import { openTestGateway } from "./test-gateway.ts";

const providers = { mine: { baseUrl: "http://127.0.0.1:9/v1", model: "demo" } };

describe("the writer of openclaw.json", () => {
  it("keeps what one sync knows when the other writes, after a start too", async () => {
    const t = await openTestGateway({ providers });
    const config = t.openConfig();
    await config.update({ roster: ["writer"] });
    await config.update({ keys: ["mine"] });
    expect(await config.names()).toEqual({ roster: ["writer"], keys: ["mine"] });

    const again = t.openConfig();
    expect(again.provider()).toBeNull();
    await again.update({ roster: ["reviewer", "writer"] });
    expect(await again.names()).toEqual({ roster: ["reviewer", "writer"], keys: ["mine"] });
    expect(Object.keys(t.live().models.providers)).toEqual(["custom-mine"]);
    expect(again.provider()).toBe("mine");
  });

  it("serves calls at the same time one after another", async () => {
    const t = await openTestGateway({ providers });
    const config = t.openConfig();
    await Promise.all([config.update({ roster: ["writer"] }), config.update({ keys: ["mine"] })]);

    expect(Object.keys(t.live().agents.entries ?? {})).toEqual(["writer"]);
    expect(Object.keys(t.live().models.providers)).toEqual(["custom-mine"]);
  });

  it("after a crash with an invalid file in place, puts back the last one that the gateway had", async () => {
    const t = await openTestGateway();
    await t.openConfig().update({ roster: ["writer"] });
    const good = await readFile(t.files.configPath, "utf8");
    const killed = {
      ...t.control,
      async applyConfig(parameters: ApplyConfigParameters): Promise<void> {
        await nodeFiles.replace(parameters.path, "text" in parameters ? parameters.text : "");
        throw new Error("killed before the gateway was asked");
      },
    };
    await expect(t.openConfig({ control: killed }).update({ roster: ["broken"] })).rejects.toThrow("killed");
    expect(await readFile(t.files.configPath, "utf8")).toContain("broken");

    t.control.refuses = ({ agents }) => "broken" in (agents.entries ?? {});
    await expect(t.openConfig().update({ roster: ["broken"] })).rejects.toMatchObject({
      code: "ERR_CONTROL_CONFIG_INVALID",
    });
    expect(await readFile(t.files.configPath, "utf8")).toBe(good);
    expect((await readdir(t.files.stateDir)).filter((name) => name.endsWith(".before"))).toEqual([]);
  });

  it("asks once for a restart for what the gateway does not take over while it runs", async () => {
    const t = await openTestGateway();
    const slow = {
      ...t.control,
      applyConfig: () => Promise.reject(new ControlTimeoutError({ what: "taking over", timeoutMs: 60_000 })),
    };
    const reasons: string[] = [];
    const config = t.openConfig({ control: slow, restart: async (reason) => void reasons.push(reason) });
    for (const roster of [["a"], ["a"], ["b"]])
      await expect(config.update({ roster })).rejects.toMatchObject({ code: "ERR_CONTROL_TIMEOUT" });
    expect(reasons).toHaveLength(2);

    t.control.isDown = true;
    await expect(config.update({ roster: ["c"] })).rejects.toMatchObject({ code: "ERR_CONTROL_TIMEOUT" });
    expect(reasons).toHaveLength(2);
  });
});

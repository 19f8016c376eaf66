import { createHash } from "node:crypto";
import { agentSlug, type Agent, type AgentRoster } from "@lobstercontrol/core";
import { lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { filesUntil, openTestGateway } from "../gateway-config/test-gateway.ts";
import { createRosterSync } from "./create-roster-sync.ts";
import { manifestName } from "./manifest.ts";

const agent = (slug: string, over: Partial<Agent> = {}): Agent => ({
  slug: agentSlug.parse(slug),
  ref: null,
  heartbeatEveryMs: null,
  files: {},
  leaving: false,
  ...over,
});

/** A gateway, and a control plane whose roster a test changes. */
async function open(agents: Agent[]) {
  const gateway = await openTestGateway();
  const roster: AgentRoster = { revision: 1, agents };
  const asked = { times: 0 };
  const port = {
    async agents() {
      asked.times += 1;
      return roster;
    },
  };
  const make = (config = gateway.openConfig()) =>
    createRosterSync({ ...gateway, port, config, random: () => 0.5 });
  const first = make();
  const set = (...changed: Agent[]): void =>
    void Object.assign(roster, { revision: roster.revision + 1, agents: changed });
  return {
    ...gateway,
    asked,
    roster,
    set,
    make,
    sync: (sync = first, force = false) =>
      sync.sync({ wanted: roster.revision, force, signal: new AbortController().signal }),
    /** What an agent has in its workspace, but for our manifest. */
    async inWorkspace(slug: string) {
      const names = await readdir(join(gateway.files.workspacesDir, slug));
      return names.filter((name) => name !== manifestName).toSorted();
    },
    workspace: (...path: string[]) => join(gateway.files.workspacesDir, ...path),
    agents: () => Object.keys(gateway.live().agents.entries ?? {}),
  };
}

describe("the roster's sync", () => {
  it("brings agents and their files, and proves the revision", async () => {
    const t = await open([agent("writer", { files: { "SOUL.md": "Kind." } }), agent("reviewer")]);

    expect(await t.sync()).toEqual({ proven: 1, nextInMs: null });
    expect(t.agents()).toEqual(["reviewer", "writer"]);
    expect(await readFile(t.workspace("writer", "SOUL.md"), "utf8")).toBe("Kind.");
    expect(t.found("AgentsSynced")).toMatchObject({ status: "true", reason: "Synced" });
  });

  it("asks nobody when nothing changed, and everybody when it must", async () => {
    const t = await open([agent("writer")]);
    await t.sync();
    await t.sync();
    expect(t.asked.times).toBe(1);
    await t.sync(undefined, true);
    expect(t.asked.times).toBe(2);
  });

  it("tells that a try has failed, whatever was proven before, and while it waits for the next", async () => {
    const t = await open([agent("writer")]);
    await t.sync();
    t.control.isDown = true;
    expect(await t.sync(undefined, true)).toEqual({ proven: 1, nextInMs: 2_000, failed: true });
    expect(await t.sync()).toMatchObject({ proven: 1, failed: true });
    t.control.isDown = false;
    expect(await t.sync(undefined, true)).toEqual({ proven: 1, nextInMs: null });
  });

  it("keeps an agent that leaves until its notifications are delivered", async () => {
    const t = await open([agent("writer"), agent("reviewer")]);
    await t.sync();
    t.set(agent("writer"), agent("reviewer", { leaving: true }));
    expect(await t.sync()).toEqual({ proven: 2, nextInMs: 15_000 });
    expect(t.agents()).toEqual(["reviewer", "writer"]);
    expect(t.found("AgentsSynced")?.message).toContain(
      "Kept until their notifications are delivered: reviewer.",
    );

    // Its end does not change the revision.
    t.roster.agents = [agent("writer")];
    t.clock.advance(14_000);
    expect(await t.sync()).toEqual({ proven: 2, nextInMs: 1_000 });
    t.clock.advance(1_000);
    expect(await t.sync()).toEqual({ proven: 2, nextInMs: null });
    expect(t.agents()).toEqual(["writer"]);
  });

  it("promise 11: tells of many that leave in a sentence that fits into a report", async () => {
    const slugs = Array.from({ length: 40 }, (_, index) => `support-agent-of-region-${index}`);
    const t = await open(slugs.map((slug) => agent(slug, { leaving: true })));
    await t.sync();
    expect(t.found("AgentsSynced")?.message).toMatch(/region-9 and 30 more\.$/);
  });

  it("changes and removes what it wrote, and nothing that is the agent's own", async () => {
    const files = { "SOUL.md": "one", "USER.md": "u", "AGENTS.md": "a", "MEMORY.md": "first" };
    const t = await open([agent("writer", { files }), agent("gone", { files: { "SOUL.md": "s" } })]);
    await t.sync();
    await writeFile(t.workspace("writer", "MEMORY.md"), "what it learnt");
    await writeFile(t.workspace("writer", "AGENTS.md"), "what it changed");
    await writeFile(t.workspace("writer", "NOTES.md"), "its own");

    t.set(agent("writer", { files: { "SOUL.md": "two", "MEMORY.md": "second" } }));
    await t.sync();
    expect(await t.inWorkspace("writer")).toEqual(["AGENTS.md", "MEMORY.md", "NOTES.md", "SOUL.md"]);
    expect(await readFile(t.workspace("writer", "SOUL.md"), "utf8")).toBe("two");
    expect(await readFile(t.workspace("writer", "MEMORY.md"), "utf8")).toBe("what it learnt");
    expect(await t.inWorkspace("gone")).toEqual([]);
    // OpenClaw runs no agent any more whose workspace has become empty.
    expect(await readdir(t.workspace("gone"))).toHaveLength(1);
  });

  it("leaves the old roster live, files included, when the gateway refuses the new one", async () => {
    const t = await open([agent("writer", { files: { "SOUL.md": "old" } })]);
    await t.sync();
    const before = await readFile(t.files.configPath, "utf8");
    t.control.refuses = () => true;
    t.set(agent("writer", { files: { "SOUL.md": "new" } }), agent("broken"));

    expect(await t.sync()).toEqual({ proven: 1, nextInMs: 2_000, failed: true });
    expect(t.agents()).toEqual(["writer"]);
    expect(await readFile(t.files.configPath, "utf8")).toBe(before);
    expect(await readFile(t.workspace("writer", "SOUL.md"), "utf8")).toBe("old");
    expect(t.found("AgentsSynced")).toMatchObject({
      status: "false",
      reason: "ConfigRefused",
      evidence: "agents: is not as it should be",
    });
    // It waits before it tries again, and gets there once the gateway takes it.
    t.control.refuses = null;
    expect(await t.sync()).toEqual({ proven: 1, nextInMs: 2_000, failed: true });
    t.clock.advance(2_000);
    expect(await t.sync()).toEqual({ proven: 2, nextInMs: null });
    expect(t.agents()).toEqual(["broken", "writer"]);
  });

  it.each(["../SOUL.md", "SOUL.md/../../x.md", "/etc/SOUL.md", "soul.md", "__proto__", ""])(
    "takes no file name for a path: %j",
    async (name) => {
      const t = await open([agent("writer", { files: Object.fromEntries([[name, "x"]]) })]);

      expect(await t.sync()).toMatchObject({ proven: 0 });
      expect(t.found("AgentsSynced")).toMatchObject({ status: "false", reason: "RosterInvalid" });
      expect(t.agents()).toEqual([]);
    },
  );

  it("writes through no link that an agent has laid", async () => {
    const t = await open([agent("writer", { files: { "SOUL.md": "s" } }), agent("reviewer")]);
    await t.sync();
    const outside = t.workspace("..", "outside");
    await mkdir(outside);
    // Even one that leads to the very text that is wanted.
    await writeFile(join(outside, "target"), "s2");
    await rm(t.workspace("writer", "SOUL.md"));
    await symlink(join(outside, "target"), t.workspace("writer", "SOUL.md"));
    t.set(agent("writer", { files: { "SOUL.md": "s2" } }), agent("reviewer"));
    await t.sync();
    expect(await readFile(t.workspace("writer", "SOUL.md"), "utf8")).toBe("s2");
    expect((await lstat(t.workspace("writer", "SOUL.md"))).isFile()).toBe(true);
    t.set(agent("writer", { files: { "SOUL.md": "s3" } }), agent("reviewer"));
    await t.sync();
    expect(await readFile(join(outside, "target"), "utf8")).toBe("s2");

    await rm(t.workspace("reviewer"), { recursive: true });
    await symlink(outside, t.workspace("reviewer"));
    // Nothing is removed there either, whatever a forged manifest says.
    await writeFile(join(outside, "USER.md"), "u");
    await writeFile(join(outside, manifestName), JSON.stringify({ "USER.md": [sha256("u")] }));
    t.set(agent("writer"), agent("reviewer", { files: { "SOUL.md": "r" } }));
    expect(await t.sync()).toMatchObject({ proven: 3 });
    expect(t.found("AgentsSynced")).toMatchObject({ reason: "FilesNotWritten" });
    expect((await readdir(outside)).toSorted()).toEqual([manifestName, "USER.md", "target"]);
  });

  it("minds no file among the workspaces", async () => {
    const t = await open([agent("writer")]);
    await t.sync();
    await writeFile(t.workspace("notes"), "the operator's own");
    t.set(agent("writer", { files: { "SOUL.md": "s" } }));
    expect(await t.sync()).toEqual({ proven: 2, nextInMs: null });
    expect(await readFile(t.workspace("notes"), "utf8")).toBe("the operator's own");
  });

  it("keeps no agent from its files because those of another cannot be written", async () => {
    const souls = (text: string) =>
      ["alpha", "beta", "gamma"].map((slug) => agent(slug, { files: { "SOUL.md": text } }));
    const t = await open(souls("1"));
    await t.sync();
    await rm(t.workspace("alpha", "SOUL.md"));
    await mkdir(t.workspace("alpha", "SOUL.md"));
    await rm(t.workspace("beta"), { recursive: true });
    await writeFile(t.workspace("beta"), "");
    t.set(...souls("2"));
    expect(await t.sync()).toEqual({ proven: 1, nextInMs: 2_000, failed: true });
    expect(await readFile(t.workspace("gamma", "SOUL.md"), "utf8")).toBe("2");
    expect(t.found("AgentsSynced")).toMatchObject({
      status: "false",
      reason: "FilesNotWritten",
      message: "Files could not be read or written in the workspace of: alpha (EISDIR), beta (EEXIST).",
    });

    await rm(t.workspace("alpha", "SOUL.md"), { recursive: true });
    await rm(t.workspace("beta"));
    expect(await t.sync(undefined, true)).toEqual({ proven: 2, nextInMs: null });
    expect(await readFile(t.workspace("beta", "SOUL.md"), "utf8")).toBe("2");
  });

  it("starts no agent without its files, and the others all the same", async () => {
    const t = await open([agent("writer"), agent("reviewer")]);
    await mkdir(t.files.workspacesDir);
    await writeFile(t.workspace("writer"), "");
    expect(await t.sync()).toMatchObject({ proven: 0, failed: true });
    expect(t.agents()).toEqual(["reviewer"]);
    expect(t.found("AgentsSynced")?.message).toContain("writer (EEXIST)");
    await rm(t.workspace("writer"));
    expect(await t.sync(undefined, true)).toEqual({ proven: 1, nextInMs: null });
    expect(t.agents()).toEqual(["reviewer", "writer"]);
  });

  it("leaves in each workspace something that stays, and lays it again when the agent has removed it", async () => {
    const t = await open([agent("writer")]);
    await t.sync();
    expect(await readdir(t.workspace("writer"))).toEqual([manifestName]);
    await rm(t.workspace("writer", manifestName));
    await t.sync(undefined, true);
    expect(await readdir(t.workspace("writer"))).toEqual([manifestName]);
  });

  it("removes nothing on the word of a manifest that somebody else has written", async () => {
    const t = await open([agent("writer", { files: { "SOUL.md": "s" } })]);
    await t.sync();
    await writeFile(t.workspace("..", "precious.md"), "s");
    const forged = { "../../precious.md": [sha256("s")], "SOUL.md": ["no hash of it"], "USER.md": 7 };
    await writeFile(t.workspace("writer", manifestName), JSON.stringify(forged));
    t.set(agent("writer"));
    expect(await t.sync()).toMatchObject({ proven: 2 });
    expect(await readFile(t.workspace("..", "precious.md"), "utf8")).toBe("s");
    expect(await t.inWorkspace("writer")).toEqual(["SOUL.md"]);
  });

  it("does not believe a gateway that lists other agents", async () => {
    const t = await open([agent("writer")]);
    t.control.agents = async () => ["main"];
    expect(await t.sync()).toMatchObject({ proven: 0 });
    expect(t.found("AgentsSynced")).toMatchObject({
      status: "false",
      reason: "AgentsDiffer",
      evidence: "wanted: writer; listed: main",
    });
  });

  it("knows after a crash what it had written before the file that it did not come to write", async () => {
    for (let n = 0; n < 12; n++) {
      const t = await open([agent("writer", { files: { "SOUL.md": "1" } })]);
      await t.sync();
      t.set(agent("writer", { files: { "SOUL.md": "2" } }));
      await t.sync(t.make(t.openConfig({ fs: filesUntil(n) })));
      t.set(agent("writer"));
      await t.sync(t.make());
      expect(await t.inWorkspace("writer")).toEqual([]);
    }
  });

  it("does not wait for a clock that was set back", async () => {
    const t = await open([agent("writer")]);
    t.control.isDown = true;
    await t.sync();
    t.control.isDown = false;
    t.clock.jump(-24 * 60 * 60_000);
    expect(await t.sync()).toEqual({ proven: 1, nextInMs: null });
  });

  it("does not know what a gateway has that cannot be asked", async () => {
    const t = await open([agent("writer")]);
    t.control.isDown = true;
    expect(await t.sync()).toMatchObject({ proven: 0 });
    expect(t.found("AgentsSynced")).toMatchObject({ status: "unknown", reason: "GatewayUnreachable" });
  });

  it("takes no agent away when it starts and the control plane cannot be asked", async () => {
    const t = await open([agent("writer")]);
    await t.sync();
    const port = { agents: () => Promise.reject(new Error("no")) };
    const again = createRosterSync({ ...t, port, config: t.openConfig() });
    expect(await t.sync(again)).toMatchObject({ proven: 0 });
    expect(t.found("AgentsSynced")).toMatchObject({ status: "unknown", reason: "ControlPlaneUnreachable" });
    expect(t.agents()).toEqual(["writer"]);
  });

  it("can be killed at any step: the gateway can start, and the next sync ends it", async () => {
    for (let n = 0; ; n++) {
      const t = await open([agent("writer", { files: { "SOUL.md": "1", "USER.md": "u" } }), agent("gone")]);
      await t.sync();
      t.set(agent("writer", { files: { "SOUL.md": "2" } }), agent("new", { files: { "SOUL.md": "n" } }));
      const { proven } = await t.sync(t.make(t.openConfig({ fs: filesUntil(n) })));
      await t.restart();
      expect([
        ["gone", "writer"],
        ["new", "writer"],
      ]).toContainEqual(t.agents());

      expect(await t.sync(t.make())).toEqual({ proven: 2, nextInMs: null });
      expect(t.agents()).toEqual(["new", "writer"]);
      expect(await t.inWorkspace("writer")).toEqual(["SOUL.md"]);
      expect(await readFile(t.workspace("writer", "SOUL.md"), "utf8")).toBe("2");
      expect(await readFile(t.workspace("new", "SOUL.md"), "utf8")).toBe("n");
      if (proven === 2) return expect(n).toBeGreaterThan(8);
    }
  });
});

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

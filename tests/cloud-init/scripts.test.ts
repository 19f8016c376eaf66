import { spawnSync } from "node:child_process";
import { renderCloudInit } from "@lobstercontrol/provisioner";
import { describe, expect, inject, it } from "vitest";
import { specs } from "./specs.ts";
import { standIns } from "./stand-ins.ts";

/** Cloud-config is JSON after its first line, as long as nothing is beyond the basic plane. */
const scripts = Object.values(specs)
  .filter(({ account }) => account === "acme")
  .flatMap((spec) => {
    const { write_files: files } = JSON.parse(renderCloudInit(spec).replace("#cloud-config\n", "")) as {
      write_files: { path: string; content: string }[];
    };
    return files;
  })
  .filter(({ content }) => content.startsWith("#!/bin/bash\n"))
  .map(({ path, content }): [path: string, content: string] => [path, content]);

describe.runIf(inject("shellcheck"))("shellcheck finds nothing in", () => {
  it.each([...new Map(scripts)])("%s", (_, content) => {
    expect(check(content)).toBe("");
  });

  it("anything but what is wrong", () => {
    expect(check("#!/bin/bash\nrm $1\n")).toContain("SC2086");
  });

  it("the names of all scripts there are", () => {
    expect(new Map(scripts).size).toBe(9);
    expect(Object.keys(standIns).length).toBeGreaterThan(0);
  });
});

const check = (script: string): string =>
  spawnSync("shellcheck", ["--severity=style", "-"], { input: script, encoding: "utf8" }).stdout;

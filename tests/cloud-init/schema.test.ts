import { renderCloudInit } from "@lobstercontrol/provisioner";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { makeDroplet, type Droplet } from "./droplet.ts";
import { plain, specs } from "./specs.ts";

describe.runIf(inject("roots")).each(["bookworm", "trixie"] as const)(
  "the schema of cloud-init in %s",
  (release) => {
    let droplet: Droplet;
    beforeAll(async () => {
      droplet = await makeDroplet(release, "#cloud-config\n{}\n");
    });
    afterAll(() => droplet[Symbol.asyncDispose]());

    async function check(userData: string) {
      await droplet.write("/root/user-data", userData);
      const { code, stdout, stderr } = await droplet.run(
        "cloud-init",
        "schema",
        "--config-file",
        "/root/user-data",
      );
      return { code, said: stdout + stderr };
    }

    it.each(Object.entries(specs))("accepts a server %s", async (_, spec) => {
      const { code, said } = await check(renderCloudInit(spec));
      expect(said).toMatch(/^Valid (?:schema|cloud-config)/m);
      expect(code).toBe(0);
    });

    it("refuses what is wrong, so that the above says something", async () => {
      const { code, said } = await check(
        renderCloudInit(plain).replace('"ssh_pwauth": false', '"ssh_pwauth": 7'),
      );
      expect(said).toContain("ssh_pwauth");
      expect(code).not.toBe(0);
    });
  },
);

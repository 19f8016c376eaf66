import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));

async function example(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const env = { ...process.env, DIGITALOCEAN_TOKEN: "" };
  return await promisify(execFile)(process.execPath, ["--conditions=@lobstercontrol/source", main, ...args], {
    env,
  });
}

describe("the example, without a token", { timeout: 30_000 }, () => {
  it("shows the plan, what it costs and the user-data, and says that the price is made up", async () => {
    const { stdout } = await example("--dry-run", "--admin-cidr", "203.0.113.7/32");
    expect(stdout).toContain("Create a droplet s-1vcpu-2gb");
    expect(stdout).toContain("203.0.113.7/32");
    expect(stdout).toContain("made-up example");
    expect(stdout).toContain("#cloud-config");
  });

  it("says what is missing for the real thing", async () => {
    await expect(example()).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("DIGITALOCEAN_TOKEN") as string,
    });
  });
});

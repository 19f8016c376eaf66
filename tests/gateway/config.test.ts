import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "@lobstercontrol/core";
import { expect, onTestFinished } from "vitest";
import { keyVariables, renderConfig, type ModelProvider } from "../../examples/quickstart/gateway/config.ts";
import { describeGateway, openclaw, test } from "./fixture.ts";

const apiKey = new Secret("sk-canary-0123456789");
const providers: ModelProvider[] = [
  { kind: "local", url: "http://127.0.0.1:1/v1" },
  { kind: "anthropic", apiKey },
  { kind: "openai", apiKey },
  { kind: "vercel-ai-gateway", apiKey },
  { kind: "vercel-ai-gateway", apiKey, model: "openai/gpt-5.5" },
];

describeGateway("openclaw config validate", () => {
  test.for(providers)("accepts the config for $kind", async (provider) => {
    const config = render(provider);

    expect(await validate(config)).toMatchObject({ valid: true });
    expect(config).not.toContain(apiKey.reveal());
    if (provider.kind !== "local") expect(config).toContain(`\${${keyVariables[provider.kind]}}`);
  });

  test("would see a key that OpenClaw does not know", async () => {
    const config = render({ kind: "local", url: "http://127.0.0.1:1/v1" });

    expect(await validate(config.replace('"controlUi"', '"controlUI"'))).toMatchObject({ valid: false });
  });
});

function render(provider: ModelProvider): string {
  return renderConfig({ port: 18_789, agents: ["writer", "reviewer"], provider, stateDir: "/state" });
}

async function validate(config: string): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), "lobster-config-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "openclaw.json");
  await writeFile(file, config);
  const env = {
    PATH: process.env["PATH"],
    HOME: folder,
    OPENCLAW_STATE_DIR: folder,
    OPENCLAW_CONFIG_PATH: file,
  };
  return await new Promise((resolve, reject) => {
    // It exits with 1 when the config is not valid; the answer is on stdout either way.
    execFile(process.execPath, [openclaw(), "config", "validate", "--json"], { env }, (error, stdout) => {
      try {
        resolve(JSON.parse(stdout));
      } catch {
        reject(error ?? new Error(`OpenClaw said: ${stdout}`));
      }
    });
  });
}

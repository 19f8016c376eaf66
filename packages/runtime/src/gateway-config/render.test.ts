import { describe, expect, it } from "vitest";
import { namesIn, providerOfAgents, renderGatewayConfig, type GatewayConfigBase } from "./render.ts";

const files = {
  configPath: "/data/openclaw.json",
  stateDir: "/data",
  workspacesDir: "/data/workspaces",
  secretsDir: "/run/lobster",
};
const render = (
  roster: readonly string[],
  keys: readonly string[],
  base: Partial<GatewayConfigBase> = {},
): string => renderGatewayConfig({ base: { port: 18789, ...base }, roster, keys, files });
const parsed = (...input: Parameters<typeof render>): unknown => JSON.parse(render(...input));

describe("renderGatewayConfig", () => {
  it("gives the same text for the same content, in whatever order it comes", () => {
    const template = { skills: { b: 1, a: { d: 1, c: 2 } } };
    const other = { skills: { a: { c: 2, d: 1 }, b: 1 } };

    expect(render(["b", "a"], ["openai", "anthropic"], { template })).toBe(
      render(["a", "b"], ["anthropic", "openai"], { template: other }),
    );
  });

  it("lets nothing act on its own, and agents touch nothing", () => {
    expect(parsed(["writer"], [])).toMatchObject({
      gateway: { mode: "local", bind: "loopback", http: { endpoints: { responses: { enabled: true } } } },
      agents: {
        ownership: "explicit",
        defaults: { heartbeat: { every: "0m" } },
        entries: { writer: { workspace: "/data/workspaces/writer", tools: { profile: "minimal" } } },
      },
      cron: { enabled: false },
      logging: { file: "/data/logs/openclaw.log" },
      tools: { profile: "minimal", deny: expect.arrayContaining(["gateway", "plugins", "secrets"]) },
    });
  });

  it("denies what changes the gateway to every agent, whatever else it may", () => {
    const toolsOf = { coder: { profile: "coding" as const, deny: ["web_fetch"] } };
    expect(parsed(["coder", "writer"], [], { toolsOf })).toMatchObject({
      agents: {
        entries: {
          coder: {
            tools: {
              profile: "coding",
              deny: ["automations", "gateway", "openclaw", "plugins", "secrets", "web_fetch"],
            },
          },
          writer: { tools: { profile: "minimal", deny: expect.arrayContaining(["gateway"]) } },
        },
      },
    });
  });

  it("names keys by their files, and holds none", () => {
    expect(parsed([], ["anthropic"])).toMatchObject({
      models: {
        providers: {
          anthropic: { apiKey: { source: "file", provider: "lobster-anthropic", id: "value" } },
        },
      },
      secrets: {
        providers: {
          "lobster-anthropic": { source: "file", path: "/run/lobster/anthropic.key", mode: "singleValue" },
        },
      },
    });
  });

  it("keeps OpenAI's models from another program", () => {
    expect(parsed([], ["openai"])).toMatchObject({
      models: { providers: { openai: { agentRuntime: { id: "openclaw" } } } },
    });
  });

  it("gives Vercel's gateway, and any custom provider, an id for which no plugin is looked for", () => {
    const providers = { groq: { baseUrl: "https://api.groq.example/v1", model: "m" } };
    expect(parsed([], ["groq", "vercel-ai-gateway"], { providers })).toMatchObject({
      agents: { defaults: { model: { primary: "aigw/anthropic/claude-opus-4.6" } } },
      models: {
        providers: {
          aigw: { baseUrl: "https://ai-gateway.vercel.sh/v1", api: "openai-completions" },
          "custom-groq": { baseUrl: "https://api.groq.example/v1", api: "openai-completions" },
        },
      },
    });
    expect(render([], ["vercel-ai-gateway"])).not.toContain('"vercel-ai-gateway":');
  });

  it("leaves out a provider that nobody told the address of", () => {
    expect(parsed([], ["strange"])).toMatchObject({ models: { providers: {} }, secrets: { providers: {} } });
  });

  it("lets the template say more, but neither add an agent nor undo what has to hold", () => {
    const template = {
      agents: {
        ownership: "shared",
        entries: { writer: { skills: ["x"], workspace: "/etc" }, stranger: {} },
        defaults: { heartbeat: { every: "1m" }, timeoutSeconds: 60 },
      },
      gateway: { bind: "lan", http: { endpoints: { responses: { enabled: false } } } },
      cron: { enabled: true },
    };
    const config = parsed(["writer"], [], { template }) as { agents: { entries: object } };
    expect(config).toMatchObject({
      agents: {
        ownership: "explicit",
        defaults: { heartbeat: { every: "0m" }, timeoutSeconds: 60 },
        entries: { writer: { skills: ["x"], workspace: "/data/workspaces/writer" } },
      },
      gateway: { bind: "lan", http: { endpoints: { responses: { enabled: true } } } },
      cron: { enabled: false },
    });
    expect(Object.keys(config.agents.entries)).toEqual(["writer"]);
  });

  it("bends nothing by names that objects have from the beginning", () => {
    const template = JSON.parse(
      '{"__proto__":{"polluted":true},"gateway":{"__proto__":{"polluted":true}}}',
    ) as object;
    render(["constructor"], ["__proto__", "constructor"], { template: { ...template } });

    expect({}).not.toHaveProperty("polluted");
  });

  it("names what it was rendered from", () => {
    const providers = { mine: { baseUrl: "http://127.0.0.1:1/v1", model: "m" } };
    expect(namesIn(render(["b", "a"], ["mine", "openai"], { providers }))).toEqual({
      roster: ["a", "b"],
      keys: ["mine", "openai"],
    });
    expect(namesIn("no JSON")).toEqual({ roster: [], keys: [] });
  });
});

describe("providerOfAgents", () => {
  const providers = { mine: { baseUrl: "http://127.0.0.1:1/v1", model: "m" } };

  it.each<[string | null, readonly string[], Partial<GatewayConfigBase>]>([
    ["anthropic", ["mine", "openai", "anthropic"], {}],
    ["mine", ["mine", "openai", "anthropic"], { preferred: ["mine"] }],
    ["mine", ["mine", "strange"], {}],
    [null, ["strange"], {}],
    ["openai", ["anthropic", "openai"], { template: modelIs("openai/gpt-5.6-sol") }],
    ["mine", ["anthropic", "mine"], { template: modelIs({ primary: "custom-mine/m" }) }],
    [null, ["anthropic"], { template: modelIs("local/demo") }],
    [null, ["anthropic"], { template: modelIs({ primary: "anthropic/x", fallbacks: ["openai/y"] }) }],
  ])("is %s of %j with %j", (provider, keys, base) => {
    expect(providerOfAgents(keys, { port: 1, providers, ...base })).toBe(provider);
  });
});

function modelIs(model: unknown): Record<string, unknown> {
  return { agents: { defaults: { model } } };
}

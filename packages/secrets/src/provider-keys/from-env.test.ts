import { InvalidInputError } from "@lobstercontrol/core";
import { describe, expect, it } from "vitest";
import { providerKeysFromEnv } from "./from-env.ts";

const rest = "0123456789-Abc_def";

describe("provider keys from the environment", () => {
  it("are those of the known providers that are set", () => {
    const keys = providerKeysFromEnv({
      ANTHROPIC_API_KEY: ` sk-ant-${rest}\n`,
      OPENAI_API_KEY: `sk-${rest}`,
      AI_GATEWAY_API_KEY: `vck_${rest}`,
      OPENROUTER_API_KEY: `sk-or-${rest}`,
      GEMINI_API_KEY: `AIza${rest}`,
      OTHER_API_KEY: "x",
    });
    expect(keys.map(({ provider, key }) => [provider, key.reveal()])).toEqual([
      ["anthropic", `sk-ant-${rest}`],
      ["openai", `sk-${rest}`],
      ["vercel-ai-gateway", `vck_${rest}`],
      ["openrouter", `sk-or-${rest}`],
      ["gemini", `AIza${rest}`],
    ]);
    expect(JSON.stringify(keys)).not.toContain(rest);
  });

  it("are none when none is set", () => {
    expect(
      providerKeysFromEnv({ ANTHROPIC_API_KEY: "", OPENAI_API_KEY: " ", GEMINI_API_KEY: undefined }),
    ).toEqual([]);
  });

  it("are refused by the name of the variable, and not by the value", () => {
    const make = () => providerKeysFromEnv({ OPENAI_API_KEY: `vck_${rest}` });
    expect(make).toThrow(InvalidInputError);
    expect(make).toThrow("OPENAI_API_KEY: does not look like a key of openai, which begins with sk-.");
  });
});

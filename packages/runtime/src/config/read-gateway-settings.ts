import { readFileSync } from "node:fs";
import { z } from "zod";
import type { GatewayConfigBase } from "../gateway-config/render.ts";
import { ConfigInvalidError } from "./errors.ts";

const tools = z.strictObject({
  profile: z.enum(["minimal", "coding", "messaging", "full"]).exactOptional(),
  alsoAllow: z.array(z.string()).exactOptional(),
  deny: z.array(z.string()).exactOptional(),
});

const provider = z.strictObject({
  baseUrl: z.url().exactOptional(),
  api: z
    .enum(["anthropic-messages", "openai-completions", "openai-responses", "google-generative-ai"])
    .exactOptional(),
  model: z.string().min(1).exactOptional(),
  contextWindow: z.int().positive().exactOptional(),
  maxTokens: z.int().positive().exactOptional(),
});

/** What a file of settings for the gateway may say. */
const settings: z.ZodType<Omit<GatewayConfigBase, "port">> = z.strictObject({
  template: z.record(z.string(), z.unknown()).exactOptional(),
  tools: tools.exactOptional(),
  toolsOf: z.record(z.string(), tools).exactOptional(),
  providers: z.record(z.string(), provider).exactOptional(),
  preferred: z.array(z.string()).exactOptional(),
});

/**
 * What an account's `openclaw.json` says besides agents and keys, from a file of JSON.
 *
 * @param path the file; nothing for no settings
 * @throws {ConfigInvalidError} `ERR_CONFIG_INVALID` when it is not there, or says something else; no value is repeated
 */
export function readGatewaySettings(path: string | undefined): Omit<GatewayConfigBase, "port"> {
  if (path === undefined) return {};
  const { data, error } = settings.safeParse(readJson(path));
  if (data !== undefined) return data;
  throw new ConfigInvalidError({
    problems: (error?.issues ?? []).map(({ path: at, message }) => ({
      name: "GATEWAY_SETTINGS_FILE",
      problem: `says at ${at.length === 0 ? "its top" : at.map(String).join(".")}: ${message}`,
    })),
  });
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    // A parser's message quotes what it read.
    const code = error instanceof Error && "code" in error ? String(error.code) : "it is no JSON";
    throw new ConfigInvalidError({
      problems: [{ name: "GATEWAY_SETTINGS_FILE", problem: `names a file that cannot be read (${code})` }],
    });
  }
}

import { parseArgs } from "node:util";
import { Secret } from "@lobstercontrol/core";
import { keyVariables, type ModelProvider } from "./gateway/config.ts";

/** Which gateway the quickstart talks to. */
export type GatewayChoice =
  | { kind: "start"; port: number; provider: Exclude<ModelProvider, { kind: "local" }> | null }
  | { kind: "running"; url: string; token: Secret }
  | { kind: "mock" };

/** What the newcomer asked for. */
export interface QuickstartOptions {
  /** Which gateway. */
  gateway: GatewayChoice;
  /** The database that is kept; null for one that is gone afterwards. */
  db: string | null;
}

/** The command cannot be understood. The message says how to put it right. */
export class UsageError extends Error {}

export const help = `npm run example -- [options]

  (no option)                  installs OpenClaw once, starts a real gateway with a small model of ours, needs no key
  --provider NAME              the agents use a real model: ${Object.keys(keyVariables).join(", ")}
                               (with ${Object.values(keyVariables).join(", ")})
  --gateway URL --token TOKEN  uses a gateway that is running already
                               (or OPENCLAW_GATEWAY_URL and OPENCLAW_GATEWAY_TOKEN)
  --gateway mock               no download: a mock gateway in this process, about a second
  --port NUMBER                where the gateway listens; a free port by default
  --db FILE                    keeps the database; the next run with it resumes
  --help                       this text`;

/**
 * Reads the command line, then the environment.
 *
 * @throws {UsageError} with one sentence and the way out
 */
export function readOptions(args: string[], env: NodeJS.ProcessEnv): QuickstartOptions | "help" {
  const values = parse(args);
  if (values.help === true) return "help";
  return { gateway: chooseGateway(values, env), db: values.db ?? null };
}

type Values = ReturnType<typeof parse>;

function parse(args: string[]) {
  try {
    const text = { type: "string" } as const;
    return parseArgs({
      args,
      options: {
        gateway: text,
        token: text,
        provider: text,
        port: text,
        db: text,
        help: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(". ")[0]}. See npm run example -- --help.`);
  }
}

function chooseGateway(values: Values, env: NodeJS.ProcessEnv): GatewayChoice {
  if (values.gateway === "mock") return { kind: "mock" };
  const url = values.gateway ?? (values.provider === undefined ? env["OPENCLAW_GATEWAY_URL"] : undefined);
  if (url === undefined)
    return { kind: "start", port: readPort(values.port), provider: readProvider(values, env) };
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new UsageError(
      `--gateway takes a URL such as http://127.0.0.1:18789, or the word mock; not ${JSON.stringify(url)}.`,
    );
  const token = values.token ?? env["OPENCLAW_GATEWAY_TOKEN"] ?? "";
  if (token === "")
    throw new UsageError(
      `The gateway at ${new URL(url).host} wants a token: add --token, or set OPENCLAW_GATEWAY_TOKEN.`,
    );
  return { kind: "running", url, token: new Secret(token) };
}

function readPort(text = "0"): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError("--port takes a number from 1 to 65535; without it a free port is found.");
  return port;
}

function readProvider({ provider }: Values, env: NodeJS.ProcessEnv) {
  if (provider === undefined) return null;
  if (!isProvider(provider))
    throw new UsageError(
      `--provider takes one of ${Object.keys(keyVariables).join(", ")}; not ${JSON.stringify(provider)}.`,
    );
  const variable = keyVariables[provider];
  const key = env[variable] ?? "";
  if (key === "")
    throw new UsageError(`--provider ${provider} needs a key: set ${variable} and run it again.`);
  return { kind: provider, apiKey: new Secret(key) };
}

function isProvider(name: string): name is keyof typeof keyVariables {
  return Object.hasOwn(keyVariables, name);
}

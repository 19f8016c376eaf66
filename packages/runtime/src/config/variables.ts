import { InvalidInputError, limits, Secret } from "@lobstercontrol/core";
import { createBootstrapClient } from "@lobstercontrol/core/http";
import { z } from "zod";

const text = (description: string) => z.string().max(4_096, "is too long").optional().meta({ description });

/** What goes into a header: what is not, `fetch` would refuse with an error that quotes it. */
const secret = (description: string) =>
  z
    .string()
    .regex(/^[\x21-\x7e]{1,512}$/, "must be one line of printable ASCII without spaces")
    .transform((value) => new Secret(value))
    .optional()
    .meta({ description });

const label = (description: string) =>
  z
    .string()
    .regex(
      /^[^\p{Cc}\p{Cs}]{1,256}$/u,
      "must be at most 256 characters, and none of them a control character",
    )
    .optional()
    .meta({ description });

const whole = (least: number, most: number, usual: number, description: string) => {
  const problem = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,12}$/, problem)
    .transform(Number)
    .refine((value) => value >= least && value <= most, problem)
    .prefault(String(usual))
    .meta({ description: `${description} (${least} to ${most})` });
};

const word = <Word extends string>(words: readonly [Word, ...Word[]], usual: Word, description: string) =>
  z
    .enum(words, `must be one of ${words.join(", ")}`)
    .default(usual)
    .meta({ description: `${description} (${words.join(", ")})` });

const controlPlaneUrl = (description: string) =>
  z
    .string()
    .superRefine((value, context) => {
      const problem = urlProblem(value);
      if (problem !== null) context.addIssue({ code: "custom", message: problem });
    })
    .optional()
    .meta({ description });

/** The client's own check, so that there is one rule for where a token may be sent. */
function urlProblem(url: string): string | null {
  try {
    createBootstrapClient({ url });
    return null;
  } catch (error) {
    if (!InvalidInputError.isInstance(error)) throw error;
    return error.message.replace(/^url: /, "").replace(/\.$/, "");
  }
}

const gatewayUrl = (description: string) =>
  z
    .string()
    .refine(isPlainUrl, "must be an http or https URL without user, password, query and fragment")
    .prefault("http://127.0.0.1:18789")
    .meta({ description });

function isPlainUrl(value: string): boolean {
  const url = URL.parse(value);
  return (
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    url.username + url.password + url.search + url.hash === ""
  );
}

const host = (usual: string, description: string) =>
  z
    .string()
    .regex(/^[\w.:-]{1,253}$/, "must be a host name or an address")
    .prefault(usual)
    .meta({ description });

const minute = 60_000;
const longest = limits.waitMs;

/** Every variable that the program reads: its form, its default, and what it is for. The table in the docs is made from it. */
export const variables = z.object({
  CONTROL_PLANE_URL: controlPlaneUrl(
    "Where `createRuntimeHandler` is served, with its prefix. This or `CONVEX_URL`.",
  ),
  CONVEX_URL: controlPlaneUrl(
    "The deployment, when the control plane is on Convex; needs `@lobstercontrol/convex`.",
  ),
  SERVICE_TOKEN: secret("The account's service token."),
  SERVICE_TOKEN_FILE: text(
    "The file that holds the service token. With a bootstrap token it is made at the first start, readable for its owner alone.",
  ),
  BOOTSTRAP_TOKEN: secret(
    "The single-use token of a first start. Not looked at any more once the service token is good.",
  ),
  BOOTSTRAP_TOKEN_FILE: text("The file that holds the bootstrap token."),
  DROPLET_ID_FILE: text(
    "The file that holds the droplet's id, told with the bootstrap token: of two droplets with one token, the one that called home stays. Not there or empty: the control plane is not told.",
  ),
  STATE_DIR: text(
    "Where the runtime keeps its worker id and how directives ended. Default: the folder of `SERVICE_TOKEN_FILE`; without both, nothing is kept.",
  ),
  WORKER_ID: label(
    "Names this runtime; a new process of that name takes over at once. Default: made once and kept in `STATE_DIR`.",
  ),
  OPENCLAW_GATEWAY_URL: gatewayUrl("Where the gateway listens."),
  OPENCLAW_GATEWAY_TOKEN: secret("The gateway's token."),
  OPENCLAW_GATEWAY_TOKEN_FILE: text(
    "The file that holds the gateway's token. With a bootstrap token it is made at the first start, for the gateway to read.",
  ),
  OPENCLAW_CONTROL: word(
    ["on", "off"],
    "on",
    "Control calls to the gateway. Without them a cut connection cannot be looked into: what may have run is sent again and marked as repeated, and nothing is brought to the gateway.",
  ),
  CLAWDBOT_GATEWAY_TOKEN: secret("The old name of `OPENCLAW_GATEWAY_TOKEN`; read with a warning."),
  OPENCLAW_CONFIG_PATH: text(
    "The gateway's `openclaw.json`, which the runtime writes. With this and the next two, roster and provider keys are brought to the gateway.",
  ),
  OPENCLAW_SECRETS_DIR: text("The folder of the gateway's secret files, best on tmpfs."),
  OPENCLAW_WORKSPACES_DIR: text("The folder of the agents' workspaces."),
  OPENCLAW_STATE_DIR: text("The folder of the gateway's state. Default: that of `OPENCLAW_CONFIG_PATH`."),
  GATEWAY_SETTINGS_FILE: text(
    "A file of JSON with what `openclaw.json` says besides agents and keys: `template`, `tools`, `toolsOf`, `providers`, `preferred`, as in `GatewayConfigBase`. A gateway that does not listen on loopback needs it (`template.gateway.bind`).",
  ),
  CONCURRENCY: whole(1, limits.claim, 10, "The most runs at the same time."),
  LEASE_MS: whole(1_000, limits.leaseMs, 30_000, "How long a lease lasts without renewal, in milliseconds."),
  RUN_TIMEOUT_MS: whole(1_000, 24 * longest, 10 * minute, "How long a run may take, in milliseconds."),
  POLL_MS: whole(100, longest, 5_000, "How often to look for work that no wake-up told of, in milliseconds."),
  CONTROL_PLANE_TIMEOUT_MS: whole(
    1_000,
    5 * minute,
    10_000,
    "How long one try of a call to the control plane may take, in milliseconds.",
  ),
  REPORT_MS: whole(1_000, longest, 15_000, "How often to report, if nothing changes, in milliseconds."),
  PROBE_MS: whole(1_000, longest, 15_000, "How often to look at the gateway, in milliseconds."),
  DRAIN_GRACE_MS: whole(
    1_000,
    longest,
    25_000,
    "How long runs may go on after SIGTERM, in milliseconds. Give the supervisor some seconds more.",
  ),
  ON_ABORTED: word(
    ["repeat", "dead"],
    "repeat",
    "What becomes of a notification whose run began and was stopped.",
  ),
  HEALTH_HOST: host(
    "127.0.0.1",
    "Where `/health`, `/ready`, `/version` and `/metrics` are served. They ask nobody who they are: keep it on loopback.",
  ),
  HEALTH_PORT: whole(0, 65_535, 18_780, "The port for that; 0 for any that is free."),
  LOG_LEVEL: word(["debug", "info", "warn", "error", "silent"], "info", "The least that is logged."),
  UPGRADE_HOOK: text(
    "The program that an upgrade is handed to: run without a shell and without arguments, the wanted version on its standard input.",
  ),
  RELEASE: label(
    "What runs now, in the words of `UPGRADE_HOOK`: what a failed upgrade goes back to. Default: what the last upgrade brought, or the version of the runtime.",
  ),
  ANTHROPIC_API_KEY: secret(
    "A provider key for when the account has stored none. Outside promise 8: whoever reads the environment has it.",
  ),
  OPENAI_API_KEY: secret("The same, for OpenAI."),
  AI_GATEWAY_API_KEY: secret("The same, for Vercel's AI Gateway."),
  OPENROUTER_API_KEY: secret("The same, for OpenRouter."),
  GEMINI_API_KEY: secret("The same, for Google."),
});

/** The values, each in its form. */
export type Variables = z.output<typeof variables>;

/** Whose key a variable holds. */
export const providerOf = {
  ANTHROPIC_API_KEY: "anthropic",
  OPENAI_API_KEY: "openai",
  AI_GATEWAY_API_KEY: "vercel-ai-gateway",
  OPENROUTER_API_KEY: "openrouter",
  GEMINI_API_KEY: "gemini",
} as const satisfies Partial<Record<keyof Variables, string>>;

import { randomUUID } from "node:crypto";
import { open, readFile, realpath, rename, rm } from "node:fs/promises";
import { InvalidInputError, sleep, type Clock } from "@lobstercontrol/core";
import { z } from "zod";
import type { Connection } from "./connection.ts";
import { ControlConfigInvalidError, ControlTimeoutError, ControlUnreachableError } from "./errors.ts";
import type { ApplyConfigParameters } from "./types.ts";

const defaultTimeoutMs = 60_000;
const pollEveryMs = 200;

const config = z.object({
  path: z.string(),
  hash: z.string().nullish(),
  valid: z.boolean(),
  issues: z.array(z.object({ path: z.string().catch(""), message: z.string() })),
  configRevisionHash: z.string().nullish(),
  appliedConfigHash: z.string().nullish(),
});

/** See `GatewayControl.applyConfig`. */
export async function applyConfig(
  { call, closed }: Connection,
  clock: Clock,
  parameters: ApplyConfigParameters,
): Promise<void> {
  const { path, timeoutMs = defaultTimeoutMs } = parameters;
  const text = "text" in parameters ? parameters.text : await parameters.render();
  const look = () => call("config.get", {}, config);
  const before = await look();
  if (!(await isSameFile(path, before.path)))
    throw new InvalidInputError({ field: "path", problem: "is not the file that the gateway reads" });
  const oldText = await readFile(path, "utf8");
  const isChange = text !== oldText;
  if (isChange) await replaceFile(path, text);

  const deadline = clock.now() + timeoutMs;
  for (;;) {
    // Some changes make the gateway restart, and for that while it does not answer.
    const now = await look().catch((error: unknown) => {
      if (closed.aborted || !isChange || !ControlUnreachableError.isInstance(error)) throw error;
      return null;
    });
    // `config.get` answers from a cache for some 50 ms after the file has changed, and then all else looks well.
    if (now !== null && (!isChange || now.hash !== before.hash)) {
      if (!now.valid) {
        if (isChange) await replaceFile(path, oldText);
        throw new ControlConfigInvalidError({ issues: now.issues });
      }
      if (isApplied(now)) return;
    }
    if (clock.now() >= deadline)
      throw new ControlTimeoutError({ what: "taking over the configuration", timeoutMs });
    await sleep(clock, pollEveryMs, closed);
  }
}

function isApplied({ configRevisionHash, appliedConfigHash }: z.output<typeof config>): boolean {
  return typeof appliedConfigHash === "string" && configRevisionHash === appliedConfigHash;
}

/** In one step, so that the gateway never reads half a file. */
async function replaceFile(path: string, text: string): Promise<void> {
  const next = `${path}.${randomUUID()}.new`;
  try {
    const file = await open(next, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, path);
  } finally {
    await rm(next, { force: true });
  }
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => realpath(path).catch(() => null)));
  return a !== null && a === b;
}

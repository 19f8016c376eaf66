/** Runs in a folder on a file system of twelve megabytes: fills it, frees some of it, and tells what the control plane did. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LobsterError } from "@lobstercontrol/core";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";

const [folder = ""] = process.argv.slice(2);
const ballast = join(folder, "ballast");
writeFileSync(ballast, Buffer.alloc(8 * 1024 * 1024));
const open = () => createSqliteControlPlane({ path: join(folder, "lobster.db") });

let controlPlane = open();
await controlPlane.platform.upsertAccount({ account: "acme" });
await controlPlane.platform.upsertAgent({ account: "acme", agent: "writer" });
const token = (await controlPlane.admin({ id: "u" }, "acme").issueServiceToken()).token;

let count = 0;
const answered: string[] = [];
async function notify(): Promise<void> {
  const input = `${++count} ${"x".repeat(20_000)}`;
  const notification = {
    account: "acme",
    agent: "writer",
    thread: `t${count}`,
    input,
    idempotencyKey: String(count),
  };
  answered.push(await controlPlane.platform.notify(notification));
}
async function failure(call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call();
    return null;
  } catch (error) {
    return LobsterError.isInstance(error) ? error.toJSON() : String(error);
  }
}

let full: unknown = null;
while (full === null) full = await failure(notify);
const whileFull = await Promise.all([failure(notify), failure(notify)]);
const answeredWhenFull = answered.length;

rmSync(ballast);
const afterFreeing = await failure(notify);

// What was answered must be there, also for a process that opens the file anew.
controlPlane.close();
controlPlane = open();
const claims = await controlPlane
  .runtime(token)
  .claim({ workerId: "w", incarnation: "i", claimId: "c", limit: 1_000, leaseMs: 30_000 });
controlPlane.close();
const claimed = claims.map(({ lease }) => lease.notification);
console.log(
  JSON.stringify({
    full,
    whileFull,
    answeredWhenFull,
    afterFreeing,
    lost: answered.filter((id) => !claimed.includes(id as never)).length,
    strangers: claimed.filter((id) => !answered.includes(id)).length,
  }),
);

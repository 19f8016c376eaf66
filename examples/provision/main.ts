/** A droplet for an account: plan, cost and user-data without a token; with one, the real thing, after asking. */
import { createInterface } from "node:readline/promises";
import { setTimeout as wait } from "node:timers/promises";
import { LobsterError, systemClock, type DropletSpecInput, type Provisioner } from "@lobstercontrol/core";
import { createRuntimeHandler } from "@lobstercontrol/core/http";
import { cloudInitUserData, createProvisioner } from "@lobstercontrol/provisioner";
import { createDotsApi } from "@lobstercontrol/provisioner/dots";
import { createFakeDigitalOcean } from "@lobstercontrol/provisioner/testing";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import { help, readOptions, UsageError, type ProvisionOptions } from "./options.ts";
import { serve } from "./serve.ts";

const actor = { id: "example" };
/** After this long without a step that helps, the example gives up; the next run goes on where it was. */
const patienceMs = 40 * 60_000;

try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options === "help") console.log(help);
  else await run(options);
} catch (error) {
  process.exitCode = 1;
  if (error instanceof UsageError) console.error(error.message);
  else if (LobsterError.isInstance(error)) console.error(`${error.code}: ${error.message} ${error.hint}`);
  else throw error;
}

async function run(options: ProvisionOptions): Promise<void> {
  const { what, token, account, region, size, adminCidrs, controlPlaneUrl, gatewayImage, runtimeImage } =
    options;
  const real = token !== null;
  const api = real
    ? createDotsApi({ token, ...(options.apiUrl === null ? {} : { baseUrl: options.apiUrl }) })
    : createFakeDigitalOcean({ clock: systemClock }).api;
  const holder: { provisioner?: Provisioner } = {};
  const controlPlane = createSqliteControlPlane({
    path: what === "plan" ? ":memory:" : options.db,
    provisioner: (store) =>
      (holder.provisioner = createProvisioner({
        api,
        store,
        userData: cloudInitUserData({ controlPlaneUrl, gatewayImage, runtimeImage }),
      })),
  });
  try {
    const provisioner = holder.provisioner!;
    const spec = { region, size, adminCidrs };
    if (what === "destroy") return await destroy(provisioner, account);
    await showPlan(provisioner, account, spec, real);
    if (what === "plan") return;
    if (!(await isAgreed("Create this droplet, which costs money until you run this with --destroy?")))
      return console.log("Nothing was created.");
    await controlPlane.platform.upsertAccount({ account });
    const prefix = new URL(controlPlaneUrl).pathname.replace(/\/+$/, "");
    const stop = await serve(createRuntimeHandler({ controlPlane, prefix }), options.port);
    try {
      await provisioner.provision(account, spec, actor);
      await reconcileUntil(provisioner, account, "running");
    } finally {
      stop();
    }
  } finally {
    controlPlane.close();
  }
}

async function showPlan(
  provisioner: Provisioner,
  account: string,
  spec: DropletSpecInput,
  real: boolean,
): Promise<void> {
  const { steps, droplet, firewall, estimate } = await provisioner.plan(account, spec);
  console.log(
    `Plan for account ${account}:\n${steps.map((step, index) => `  ${index + 1}. ${step}`).join("\n")}`,
  );
  console.log(
    `\nCost: at most ${estimate.monthlyUsd} US dollars a month, without taxes, and without ${estimate.excludes.join(" and ")}.` +
      (real
        ? ""
        : "\n      This is a made-up example: without a token, DigitalOcean's price list cannot be read."),
  );
  const { userData, ...rest } = droplet;
  console.log(
    `\nFirewall: ${JSON.stringify(firewall, null, 2)}\n\nDroplet: ${JSON.stringify(rest, null, 2)}`,
  );
  console.log(
    `\nUser-data, ${new TextEncoder().encode(userData).length} bytes, with a token that opens nothing:\n`,
  );
  console.log(userData);
}

async function destroy(provisioner: Provisioner, account: string): Promise<void> {
  if ((await provisioner.status(account)).state === "absent")
    return console.log(`Account ${account} has no droplet in this database.`);
  await provisioner.destroy(account, actor);
  await reconcileUntil(provisioner, account, "destroyed");
}

/** Drives one account; `driveReconcile` does that for many. */
async function reconcileUntil(
  provisioner: Provisioner,
  account: string,
  wanted: "running" | "destroyed",
): Promise<void> {
  const until = Date.now() + patienceMs;
  let dueAt: number | null = 0;
  for (let told = ""; Date.now() < until;) {
    if (dueAt !== null && Date.now() >= dueAt) {
      const { nextInMs } = await provisioner.reconcile(account);
      dueAt = nextInMs === null ? null : Date.now() + nextInMs;
    }
    // What the droplet tells comes between two steps, and costs no call of DigitalOcean's to look at.
    const { state, droplet, phases, failure } = await provisioner.status(account);
    const last = phases.at(-1);
    const line = [
      state,
      ...(droplet === null ? [] : [`droplet ${droplet}`]),
      ...(last === undefined ? [] : [`${last.phase} ${last.ok ? "done" : "failed"}`]),
    ].join(", ");
    if (line !== told) console.log(line);
    told = line;
    if (state === wanted) return;
    if (state === "failed" && dueAt === null) {
      if (last !== undefined && last.stderrTail !== "") console.error(last.stderrTail);
      throw new UsageError(
        `${failure?.message ?? "It failed."} Nothing of it is left. Run this again to try again.`,
      );
    }
    await wait(1_000);
  }
  throw new UsageError("This takes too long. Run the same command again: it goes on where it was.");
}

async function isAgreed(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`\n${question} Type yes: `);
  terminal.close();
  return answer.trim().toLowerCase() === "yes";
}

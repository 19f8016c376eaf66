import {
  dropletSpec,
  parse,
  provisionStatus,
  type AccountId,
  type DropletApi,
  type DropletSpec,
  type DropletSpecInput,
  type ProvisionEstimate,
  type ProvisionPlan,
  type ProvisionStatus,
} from "@lobstercontrol/core";
import { choicesOf, noSizeFor, sizeFor, type Choice } from "./choose.ts";
import { createRequest } from "./create-droplet.ts";
import { firewallFor } from "./firewall.ts";
import { placeholderToken } from "./random-bits.ts";
import type { Settings } from "./settings.ts";

/** What a droplet costs: one call. */
export async function estimate(
  { api }: Pick<Settings, "api">,
  spec: DropletSpec,
): Promise<ProvisionEstimate> {
  return (await firstToBeHad(api, spec)).estimate;
}

/** The first of a spec's choices that DigitalOcean has a size for now, and those after it. */
async function firstToBeHad(
  api: DropletApi,
  spec: DropletSpec,
): Promise<{ estimate: ProvisionEstimate; others: Choice[] }> {
  const sizes = await api.listSizes();
  const choices = choicesOf(spec);
  for (const [turn, choice] of choices.entries()) {
    const size = sizeFor(choice, sizes);
    if (size === null) continue;
    const excludes = [...(spec.backups ? ["backups"] : []), "traffic"];
    const { region } = choice;
    return {
      estimate: { region, size, monthlyUsd: size.priceMonthly, excludes },
      others: choices.slice(turn + 1),
    };
  }
  throw noSizeFor(choices[0]);
}

/** What provisioning would come to: it reads, and changes nothing. */
export async function plan(
  settings: Settings,
  account: AccountId,
  spec: DropletSpec,
): Promise<ProvisionPlan> {
  const { clock, store, tags } = settings;
  const status = provisionStatus(await store.read(account), clock.now());
  const { estimate: cost, others } = await firstToBeHad(settings.api, spec);
  const firewall = await firewallFor(tags, spec);
  const droplet = await createRequest(
    settings,
    { account, spec },
    {
      region: cost.region,
      size: cost.size.slug,
      memoryMib: cost.size.memoryMib,
      nonce: "0".repeat(32),
      bootstrapToken: placeholderToken,
    },
  );
  return {
    state: status.state,
    steps: stepsOf(status, spec, cost, others, firewall.name),
    droplet,
    firewall,
    estimate: cost,
  };
}

function stepsOf(
  { state, droplet }: ProvisionStatus,
  spec: DropletSpec,
  { region, size, monthlyUsd }: ProvisionEstimate,
  others: readonly Choice[],
  firewall: string,
): string[] {
  if (state === "provisioning" || state === "running")
    return [`Nothing: the account's droplet is ${state}${droplet === null ? "" : ` (${droplet})`}.`];
  if (state === "destroying") return ["Refuse: the account's droplet is being destroyed."];
  return [
    "Store the intent with a nonce, and list the account's droplets by their tag.",
    ...(state === "failed" ? ["Delete what the failed attempts have left behind."] : []),
    `Make sure that the firewall ${firewall} stands: ${
      spec.adminCidrs.length === 0
        ? "nothing comes in"
        : `SSH from ${spec.adminCidrs.join(", ")} and nothing else comes in`
    }.`,
    `Create a droplet ${size.slug} (${size.memoryMib} MiB) in ${region} with ${spec.image}, for at most ${monthlyUsd} US dollars a month.`,
    ...others.map(
      (other) =>
        `Without capacity there: try ${other.size ?? "the cheapest size with 2 GiB"} in ${other.region}.`,
    ),
    "Wait until its runtime calls home.",
  ];
}

/** @throws {InvalidInputError} `ERR_INVALID_INPUT` */
export function readSpec(settings: Pick<Settings, "tags">, input: DropletSpecInput): DropletSpec {
  const { tags } = settings;
  // A tag of ours on somebody else's droplet would open another firewall, or put it into another account's list.
  const schema = dropletSpec.refine((spec) => !spec.tags.some(tags.isOurs), {
    path: ["tags"],
    message: "must not be tags of the provisioner's own",
  });
  return parse(schema, input, "spec");
}

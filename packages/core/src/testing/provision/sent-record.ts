import { hashToken } from "../../provision/bootstrap-port.ts";
import { accountId } from "../../ids.ts";
import type { ProvisionStore } from "../../provision/provision-store.ts";
import type { ProvisionRecord } from "../../provision/record.ts";
import { dropletSpec } from "../../provision/spec.ts";
import { provisionTransition, type ProvisionEvent } from "../../provision/transition.ts";
import { updateRecord } from "../../provision/update-record.ts";
import { Secret } from "../../secret.ts";

/** A token as it would be made, with this word in it; assembled, so that no scanner takes it for a real one. */
export const tokenOf = (word: string): Secret => new Secret(["lcb", word.padEnd(32, "0")].join("_"));

/** A hash as a droplet would send it. */
export const tokenHashOf = (word: string): Promise<string> => hashToken(new Secret(word));

/** Applies events to the account's record, one write each. */
export async function applyEvents(
  store: ProvisionStore,
  account: string,
  now: number,
  ...events: readonly ProvisionEvent[]
): Promise<ProvisionRecord> {
  const id = accountId.parse(account);
  for (const event of events)
    await updateRecord(
      store,
      () => store.read(id),
      (record) => provisionTransition(record, event, now),
    );
  return (await store.read(id))!;
}

/** What a test's droplet may take to boot, in milliseconds. */
export const bootMs = 900_000;

/** Somebody asks for a droplet. */
export const requested = (account: string, nonce: string, now: number): ProvisionEvent => ({
  type: "requested",
  account: accountId.parse(account),
  spec: dropletSpec.parse({ region: "fra1" }),
  actor: "user-1",
  nonce,
  createBy: now + 600_000,
});

/** Its create is sent, with a bootstrap token that has the nonce in it. */
export const sending = async (nonce: string, now: number): Promise<ProvisionEvent> => ({
  type: "sending",
  nonce,
  region: "fra1",
  team: null,
  size: "s-1vcpu-2gb",
  bootstrapTokenHash: await hashToken(tokenOf(nonce)),
  deadline: now + bootMs,
});

/** Its droplet is there. */
export const created = (nonce: string, id: number): ProvisionEvent => ({
  type: "seen",
  droplets: [{ id, createdAt: "2026-01-01T00:00:00Z", nonce }],
});

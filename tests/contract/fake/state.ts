import type { Clock } from "@lobstercontrol/core";
import type { DropletParts, FakeAction, FakeDroplet, FakeFirewall } from "./types.ts";

/** An SSH key. */
interface FakeSshKey {
  id: number;
  name: string;
  fingerprint: string;
  public_key: string;
}

/** Everything that the fake has, and how long things take. */
export interface State {
  clock: Clock;
  tagLagMs: number;
  bootMs: number;
  actionMs: number;
  dropletLimit: number;
  /** Those that are gone too: a list by tag shows them for a while. */
  droplets: FakeDroplet[];
  firewalls: FakeFirewall[];
  actions: FakeAction[];
  tags: Set<string>;
  sshKeys: FakeSshKey[];
  /** `size/region` that there is no room for. */
  soldOut: Set<string>;
  nextId: () => number;
}

export type StateOptions = Pick<State, "clock" | "tagLagMs" | "bootMs" | "actionMs" | "dropletLimit">;

export function createState(options: StateOptions): State {
  let id = 400_000_000;
  return {
    ...options,
    droplets: [],
    firewalls: [],
    actions: [],
    tags: new Set(),
    sshKeys: [],
    soldOut: new Set(),
    nextId: () => ++id,
  };
}

/** Makes a droplet, and with it the tags that there are not. */
export function addDroplet(state: State, parts: DropletParts): { droplet: FakeDroplet; action: FakeAction } {
  const droplet: FakeDroplet = {
    ...parts,
    id: state.nextId(),
    createdAt: state.clock.now(),
    deletedAt: null,
    on: true,
  };
  state.droplets.push(droplet);
  for (const tag of parts.tags) state.tags.add(tag);
  return { droplet, action: addAction(state, droplet, "create", state.bootMs) };
}

export function addAction(state: State, droplet: FakeDroplet, type: string, takesMs: number): FakeAction {
  const startedAt = state.clock.now();
  const action: FakeAction = {
    id: state.nextId(),
    type,
    dropletId: droplet.id,
    region: droplet.region,
    startedAt,
    completesAt: startedAt + takesMs,
  };
  state.actions.push(action);
  return action;
}

export function findDroplet(state: State, id: number): FakeDroplet | undefined {
  return state.droplets.find((droplet) => droplet.id === id && droplet.deletedAt === null);
}

/** Whether something is going on with it. */
export function hasPendingEvent(state: State, { id }: FakeDroplet): boolean {
  return state.actions.some(
    ({ dropletId, completesAt }) => dropletId === id && completesAt > state.clock.now(),
  );
}

export function statusOf(state: State, droplet: FakeDroplet): "new" | "active" | "off" {
  if (state.clock.now() < droplet.createdAt + state.bootMs) return "new";
  return droplet.on ? "active" : "off";
}

/** What a list by tag shows: how things stood some time ago. */
export function seenByTag(state: State, tag: string): FakeDroplet[] {
  const then = state.clock.now() - state.tagLagMs;
  return state.droplets.filter(
    ({ tags, createdAt, deletedAt }) =>
      tags.includes(tag) && createdAt <= then && (deletedAt === null || deletedAt > then),
  );
}

export function addFirewall(state: State, parts: Omit<FakeFirewall, "id" | "createdAt">): FakeFirewall {
  const firewall: FakeFirewall = {
    ...parts,
    id: `00000000-0000-4000-8000-${String(state.nextId()).padStart(12, "0")}`,
    createdAt: state.clock.now(),
  };
  state.firewalls.push(firewall);
  return firewall;
}

import type { Clock } from "@lobstercontrol/core";
import type { Contract } from "./contract.ts";

/** What {@link createDigitalOceanFake} can be told. */
export interface DigitalOceanFakeOptions {
  /** Whose time it lives in. */
  clock: Clock;
  /** Judges every request and every answer. */
  contract?: Contract | null;
  /** The token that it takes. */
  token?: string;
  /** What the token may do; null for everything. */
  scopes?: readonly string[] | null;
  /** How far a list by tag lags behind, in milliseconds. */
  tagLagMs?: number;
  /** How long a droplet is `new`, in milliseconds. */
  bootMs?: number;
  /** How long another action takes, in milliseconds. */
  actionMs?: number;
  /** The most droplets. */
  dropletLimit?: number;
  /** The most requests in an hour and in a minute. */
  rateLimit?: { perHour: number; perMinute: number };
}

/** Something that goes wrong on the way. */
export interface Fault {
  /** The operation, by the document's name such as `droplets_create`; null for each. */
  operation?: string | null;
  /** What the caller sees. */
  kind: FaultKind;
  /** Whether what was asked for is done all the same. */
  effect?: boolean;
  /** How often; default: once. */
  times?: number;
  /** What an answer says, where there is one. */
  message?: string;
}

/**
 * - `silence`: no answer, ever
 * - `reset`: the connection is cut before an answer
 * - `cutBody`: the connection is cut within the answer
 * - `truncated`: the answer ends in the middle of its JSON, as if that were all
 * - `html502`: a proxy answers, in HTML
 * - `500`, `503`, `429`, `429-hourly`, `401`, `403`, `409`, `422`: DigitalOcean answers so
 * - `otherJson`: an answer with status 2xx and JSON of something else
 * - `html404`: something answers that is not DigitalOcean
 * - `redirect`: somewhere else
 */
export const faultKinds = [
  "silence",
  "reset",
  "cutBody",
  "truncated",
  "otherJson",
  "html502",
  "html404",
  "redirect",
  "500",
  "503",
  "429",
  "429-hourly",
  "401",
  "403",
  "409",
  "422",
] as const;

/** One of {@link faultKinds}. */
export type FaultKind = (typeof faultKinds)[number];

/** A request that came, whatever became of it. */
export interface SeenRequest {
  method: string;
  /** With the query. */
  path: string;
  /** By the document's name; null when it is no operation that the fake has. */
  operation: string | null;
  headers: Headers;
  /** The body as it came. */
  text: string;
}

/** An imitation of DigitalOcean. */
export interface DigitalOceanFake {
  /** Takes a request as `fetch` does, and fails as `fetch` fails. */
  fetch: typeof globalThis.fetch;
  /** Every request that came. */
  readonly requests: readonly SeenRequest[];
  /** What was wrong with requests and with its own answers, by the document; a test ends with none. */
  readonly violations: readonly string[];
  /** Lets something go wrong. The first that fits a request is used. */
  fail(fault: Fault): void;
  /** The droplets that there are. */
  droplets(): FakeDroplet[];
  /** The firewalls that there are. */
  firewalls(): FakeFirewall[];
  /** The actions that there were. */
  actions(): FakeAction[];
  /** The tags that there are. */
  tags(): string[];
  /** Makes something by hand, as a person does in the control panel. */
  readonly add: {
    droplet(parts?: Partial<DropletParts>): FakeDroplet;
    firewall(parts: Partial<FakeFirewall> & { name: string }): FakeFirewall;
    sshKey(name: string): { id: number; fingerprint: string };
  };
  /** Says that there is no room for a size in a region. */
  sellOut(size: string, region: string): void;
}

/** What a droplet is made of. */
export interface DropletParts {
  name: string;
  region: string;
  size: string;
  image: string;
  tags: string[];
  userData: string;
  sshKeys: (number | string)[];
  vpc: string | null;
  ipv6: boolean;
  monitoring: boolean;
  backups: boolean;
}

/** A droplet. */
export interface FakeDroplet extends DropletParts {
  id: number;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** Milliseconds since the epoch; null while it is there. */
  deletedAt: number | null;
  /** Whether it is on, once it has booted. */
  on: boolean;
}

/** A firewall, as DigitalOcean answers it. */
export interface FakeFirewall {
  id: string;
  name: string;
  tags: string[];
  inbound_rules: FakeRule[];
  outbound_rules: FakeRule[];
  droplet_ids: number[];
  /** Milliseconds since the epoch. */
  createdAt: number;
}

/** A rule of a firewall. */
export interface FakeRule {
  protocol: string;
  ports: string;
  sources?: FakeTarget;
  destinations?: FakeTarget;
}

interface FakeTarget {
  addresses?: string[];
  tags?: string[];
  droplet_ids?: number[];
}

/** An action on a droplet. */
export interface FakeAction {
  id: number;
  type: string;
  dropletId: number;
  region: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** Milliseconds since the epoch. */
  completesAt: number;
}

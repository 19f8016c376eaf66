import { notFound, pageOf, refuse, type Answer } from "./answer.ts";
import { images, regions, sizes } from "./catalogue.ts";
import {
  addAction,
  addDroplet,
  findDroplet,
  hasPendingEvent,
  seenByTag,
  statusOf,
  type State,
} from "./state.ts";
import type { FakeAction, FakeDroplet } from "./types.ts";

const maxUserDataBytes = 64 * 1024;

/** What `POST /v2/droplets` may hold. */
export interface CreateBody {
  name: string;
  region?: string;
  size: string;
  image: string | number;
  ssh_keys?: (number | string)[];
  backups?: boolean;
  ipv6?: boolean;
  monitoring?: boolean;
  tags?: string[] | null;
  user_data?: string;
  vpc_uuid?: string;
}

export function listDroplets(state: State, url: URL): Answer {
  const tag = url.searchParams.get("tag_name");
  const found =
    tag === null ? state.droplets.filter(({ deletedAt }) => deletedAt === null) : seenByTag(state, tag);
  return pageOf(
    "droplets",
    found.map((droplet) => show(state, droplet)),
    url,
  );
}

export function getDroplet(state: State, id: number): Answer {
  const droplet = findDroplet(state, id);
  return droplet === undefined ? notFound : { status: 200, body: { droplet: show(state, droplet) } };
}

export function createDroplet(state: State, body: CreateBody): Answer {
  const { region = "fra1", size, image } = body;
  const userData = body.user_data ?? "";
  const sshKeys = body.ssh_keys ?? [];
  const unknownKeys = sshKeys.filter(
    (key) => !state.sshKeys.some(({ id, fingerprint }) => key === id || key === fingerprint),
  );
  const alive = state.droplets.filter(({ deletedAt }) => deletedAt === null);
  if (!sizes.some(({ slug }) => slug === size))
    return refuse(422, "You specified an invalid size for Droplet creation.");
  const place = regions.find(({ slug }) => slug === region);
  if (place === undefined) return refuse(422, "You specified an invalid region for Droplet creation.");
  if (!images.includes(String(image)))
    return refuse(422, "You specified an invalid image for Droplet creation.");
  if (unknownKeys.length > 0)
    return refuse(422, `${unknownKeys.join(", ")} are invalid key identifiers for Droplet creation.`);
  if (new TextEncoder().encode(userData).length > maxUserDataBytes)
    return refuse(422, "User data is too large: at most 64 KiB.");
  if (!place.available) return refuse(422, "Region is not available");
  if (alive.length >= state.dropletLimit)
    return refuse(422, "creating this/these droplet(s) will exceed your droplet limit");
  if (state.soldOut.has(`${size}/${region}`)) {
    const left = regions.filter(({ slug, available }) => available && !state.soldOut.has(`${size}/${slug}`));
    return refuse(422, "Size is not available in this region.", {
      error_attributes: { available_regions: left.map(({ slug }) => slug) },
    });
  }

  const { droplet, action } = addDroplet(state, {
    name: body.name,
    region,
    size,
    image: String(image),
    tags: body.tags ?? [],
    userData,
    sshKeys,
    vpc: body.vpc_uuid ?? null,
    ipv6: body.ipv6 ?? false,
    monitoring: body.monitoring ?? false,
    backups: body.backups ?? false,
  });
  return {
    status: 202,
    body: {
      droplet: show(state, droplet),
      links: {
        actions: [
          { id: action.id, rel: "create", href: `https://api.digitalocean.com/v2/actions/${action.id}` },
        ],
      },
    },
  };
}

export function deleteDroplet(state: State, id: number): Answer {
  const droplet = findDroplet(state, id);
  if (droplet === undefined) return notFound;
  droplet.deletedAt = state.clock.now();
  return { status: 204 };
}

export function actOnDroplet(state: State, id: number, { type }: { type: string }): Answer {
  const droplet = findDroplet(state, id);
  if (droplet === undefined) return notFound;
  if (hasPendingEvent(state, droplet)) return refuse(422, "Droplet already has a pending event.");
  if (type === "power_on" || type === "reboot") droplet.on = true;
  if (type === "power_off" || type === "shutdown") droplet.on = false;
  return {
    status: 201,
    body: { action: showAction(state, addAction(state, droplet, type, state.actionMs)) },
  };
}

export function getAction(state: State, id: number): Answer {
  const action = state.actions.find((one) => one.id === id);
  return action === undefined ? notFound : { status: 200, body: { action: showAction(state, action) } };
}

function showAction(state: State, action: FakeAction): unknown {
  const done = action.completesAt <= state.clock.now();
  return {
    id: action.id,
    status: done ? "completed" : "in-progress",
    type: action.type,
    started_at: iso(action.startedAt),
    completed_at: done ? iso(action.completesAt) : null,
    resource_id: action.dropletId,
    resource_type: "droplet",
    region: regions.find(({ slug }) => slug === action.region),
    region_slug: action.region,
  };
}

function show(state: State, droplet: FakeDroplet): unknown {
  const size = sizes.find(({ slug }) => slug === droplet.size);
  const status = statusOf(state, droplet);
  const last = droplet.id % 250;
  const v4 = [
    { ip_address: `10.114.0.${last}`, netmask: "255.255.240.0", gateway: "10.114.0.1", type: "private" },
    { ip_address: `203.0.113.${last}`, netmask: "255.255.255.0", gateway: "203.0.113.254", type: "public" },
  ];
  return {
    id: droplet.id,
    name: droplet.name,
    memory: size?.memory,
    vcpus: size?.vcpus,
    disk: size?.disk,
    locked: status === "new",
    status,
    kernel: null,
    created_at: iso(droplet.createdAt),
    features: [
      "droplet_agent",
      ...(droplet.ipv6 ? ["ipv6"] : []),
      ...(droplet.monitoring ? ["monitoring"] : []),
      ...(droplet.backups ? ["backups"] : []),
    ],
    backup_ids: [],
    next_backup_window: null,
    snapshot_ids: [],
    image: {
      id: 1,
      name: droplet.image,
      type: "base",
      distribution: droplet.image.startsWith("debian") ? "Debian" : "Ubuntu",
      slug: droplet.image,
      public: true,
      regions: regions.map(({ slug }) => slug),
      created_at: "2026-01-01T00:00:00Z",
      min_disk_size: 7,
      size_gigabytes: 1.5,
      tags: [],
      status: "available",
    },
    volume_ids: [],
    size,
    size_slug: droplet.size,
    networks: { v4: status === "new" ? [] : v4, v6: [] },
    region: regions.find(({ slug }) => slug === droplet.region),
    tags: droplet.tags,
    vpc_uuid: droplet.vpc ?? "00000000-0000-4000-8000-000000000001",
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
}

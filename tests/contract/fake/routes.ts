import { notFound, pageOf, refuse, type Answer } from "./answer.ts";
import { regions, sizes } from "./catalogue.ts";
import {
  actOnDroplet,
  createDroplet,
  deleteDroplet,
  getAction,
  getDroplet,
  listDroplets,
  type CreateBody,
} from "./droplets.ts";
import {
  createFirewall,
  deleteFirewall,
  listFirewalls,
  updateFirewall,
  type FirewallBody,
} from "./firewalls.ts";
import type { State } from "./state.ts";

/** An operation that the fake has. */
export interface Route {
  /** By the document's name. */
  operation: string;
  method: string;
  path: RegExp;
  /** Does it. The body is what the document says, since the contract has judged it. */
  run(state: State, call: { url: URL; id: string; body: unknown }): Answer;
}

export const routes: readonly Route[] = [
  route("droplets_list", "GET", "/v2/droplets", (state, { url }) => listDroplets(state, url)),
  route("droplets_create", "POST", "/v2/droplets", (state, { body }) =>
    createDroplet(state, body as CreateBody),
  ),
  route("droplets_get", "GET", "/v2/droplets/ID", (state, { id }) => getDroplet(state, Number(id))),
  route("droplets_destroy", "DELETE", "/v2/droplets/ID", (state, { id }) => deleteDroplet(state, Number(id))),
  route("dropletActions_post", "POST", "/v2/droplets/ID/actions", (state, { id, body }) =>
    actOnDroplet(state, Number(id), body as { type: string }),
  ),
  route("actions_get", "GET", "/v2/actions/ID", (state, { id }) => getAction(state, Number(id))),
  route("firewalls_list", "GET", "/v2/firewalls", (state, { url }) => listFirewalls(state, url)),
  route("firewalls_create", "POST", "/v2/firewalls", (state, { body }) =>
    createFirewall(state, body as FirewallBody),
  ),
  route("firewalls_update", "PUT", "/v2/firewalls/ID", (state, { id, body }) =>
    updateFirewall(state, id, body as FirewallBody),
  ),
  route("firewalls_delete", "DELETE", "/v2/firewalls/ID", (state, { id }) => deleteFirewall(state, id)),
  route("tags_create", "POST", "/v2/tags", (state, { body }) =>
    createTag(state, (body as { name: string }).name),
  ),
  route("tags_delete", "DELETE", "/v2/tags/ID", (state, { id }) => deleteTag(state, id)),
  route("sshKeys_list", "GET", "/v2/account/keys", (state, { url }) =>
    pageOf("ssh_keys", state.sshKeys, url),
  ),
  route("sizes_list", "GET", "/v2/sizes", (_, { url }) => pageOf("sizes", sizes, url)),
  route("regions_list", "GET", "/v2/regions", (_, { url }) => pageOf("regions", regions, url)),
  route("account_get", "GET", "/v2/account", ({ dropletLimit }) => ({
    status: 200,
    body: {
      account: {
        droplet_limit: dropletLimit,
        floating_ip_limit: 3,
        email: "lobster@example.com",
        uuid: "00000000-0000-4000-8000-000000000002",
        team: { uuid: "00000000-0000-4000-8000-000000000003", name: "Lobsters" },
        email_verified: true,
        status: "active",
        status_message: "",
      },
    },
  })),
];

function route(operation: string, method: string, path: string, run: Route["run"]): Route {
  return { operation, method, path: new RegExp(`^${path.replace("ID", "([^/]+)")}$`), run };
}

function createTag(state: State, name: string): Answer {
  if (state.tags.has(name)) return refuse(422, "Tag already exists");
  state.tags.add(name);
  const none = { count: 0 };
  return {
    status: 201,
    body: {
      tag: {
        name,
        resources: { ...none, droplets: none, volumes: none, volume_snapshots: none, databases: none },
      },
    },
  };
}

function deleteTag(state: State, name: string): Answer {
  if (!state.tags.delete(name)) return notFound;
  for (const thing of [...state.droplets, ...state.firewalls])
    thing.tags = thing.tags.filter((tag) => tag !== name);
  return { status: 204 };
}

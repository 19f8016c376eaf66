/* eslint-disable */
/**
 * Generated `api` utility.
 *
 * THIS CODE IS AUTOMATICALLY GENERATED.
 *
 * To regenerate, run `npx convex dev`.
 * @module
 */

import type * as accounts from "../accounts.js";
import type * as activities from "../activities.js";
import type * as admin from "../admin.js";
import type * as claim from "../claim.js";
import type * as close_account from "../close-account.js";
import type * as crons from "../crons.js";
import type * as delivery from "../delivery.js";
import type * as derived_id from "../derived-id.js";
import type * as feeds from "../feeds.js";
import type * as heartbeats from "../heartbeats.js";
import type * as labels from "../labels.js";
import type * as notifications from "../notifications.js";
import type * as operator from "../operator.js";
import type * as page from "../page.js";
import type * as platform from "../platform.js";
import type * as provision_records from "../provision-records.js";
import type * as provision from "../provision.js";
import type * as reports from "../reports.js";
import type * as roster from "../roster.js";
import type * as secrets from "../secrets.js";
import type * as upgrade from "../upgrade.js";
import type * as upkeep from "../upkeep.js";
import type * as wake from "../wake.js";

import type {
  ApiFromModules,
  FilterApi,
  FunctionReference,
} from "convex/server";
import { anyApi, componentsGeneric } from "convex/server";

const fullApi: ApiFromModules<{
  accounts: typeof accounts;
  activities: typeof activities;
  admin: typeof admin;
  claim: typeof claim;
  "close-account": typeof close_account;
  crons: typeof crons;
  delivery: typeof delivery;
  "derived-id": typeof derived_id;
  feeds: typeof feeds;
  heartbeats: typeof heartbeats;
  labels: typeof labels;
  notifications: typeof notifications;
  operator: typeof operator;
  page: typeof page;
  platform: typeof platform;
  "provision-records": typeof provision_records;
  provision: typeof provision;
  reports: typeof reports;
  roster: typeof roster;
  secrets: typeof secrets;
  upgrade: typeof upgrade;
  upkeep: typeof upkeep;
  wake: typeof wake;
}> = anyApi as any;

/**
 * A utility for referencing Convex functions in your app's public API.
 *
 * Usage:
 * ```js
 * const myFunctionReference = api.myModule.myFunction;
 * ```
 */
export const api: FilterApi<
  typeof fullApi,
  FunctionReference<any, "public">
> = anyApi as any;

/**
 * A utility for referencing Convex functions in your app's internal API.
 *
 * Usage:
 * ```js
 * const myFunctionReference = internal.myModule.myFunction;
 * ```
 */
export const internal: FilterApi<
  typeof fullApi,
  FunctionReference<any, "internal">
> = anyApi as any;

export const components = componentsGeneric() as unknown as {};

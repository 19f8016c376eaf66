import { DropletApiError, LobsterError, type DropletApiFailure } from "@lobstercontrol/core";
import type { FakeClock } from "@lobstercontrol/core/testing";

/** What can go wrong with one call. */
export interface Fault {
  name: string;
  /** What the call throws instead of doing anything; null when it does it. */
  before: ((clock: FakeClock) => Error) | null;
  /** What the call throws after it has done it. */
  after: ((clock: FakeClock) => Error) | null;
}

/** The process is gone: nothing after this line runs. */
export class Crash extends Error {}

const crash = () => new Crash("the process was killed");
const failure =
  (kind: DropletApiFailure, tookMs = 0) =>
  (clock: FakeClock): Error => {
    clock.advance(tookMs);
    return new DropletApiError(kind);
  };
const timeout = failure({ outcome: "unknown", reason: "timeout", problem: "no answer came in time" }, 30_000);
const garbled = (problem: string) => failure({ outcome: "unknown", reason: "garbled", problem, status: 200 });
const unavailable = (status: number) =>
  failure({ outcome: "unknown", reason: "unavailable", problem: `it answered ${status}`, status });

/** For each call to DigitalOcean. */
export const apiFaults: Fault[] = [
  { name: "crash before", before: crash, after: null },
  { name: "crash after", before: null, after: crash },
  { name: "timeout, done", before: null, after: timeout },
  { name: "timeout, not done", before: timeout, after: null },
  {
    name: "429",
    before: failure({
      outcome: "refused",
      reason: "rateLimited",
      problem: "too many requests",
      status: 429,
      retryAfterMs: 20_000,
    }),
    after: null,
  },
  { name: "500, not done", before: unavailable(500), after: null },
  { name: "500, done", before: null, after: unavailable(500) },
  { name: "HTML 502, not done", before: unavailable(502), after: null },
  { name: "HTML 502, done", before: null, after: unavailable(502) },
  { name: "truncated JSON, done", before: null, after: garbled("the answer ended in the middle") },
  {
    name: "unreachable",
    before: failure({ outcome: "notSent", reason: "unreachable", problem: "no connection came about" }),
    after: null,
  },
];

const storeFailure = (): Error =>
  new LobsterError({
    code: "ERR_DATABASE_BUSY",
    message: "The database was busy.",
    hint: "Call again.",
    retryable: true,
  });

/** For each call to the store. */
export const storeFaults: Fault[] = [
  { name: "crash before", before: crash, after: null },
  { name: "crash after", before: null, after: crash },
  { name: "failed, not done", before: storeFailure, after: null },
  { name: "failed, done", before: null, after: storeFailure },
];

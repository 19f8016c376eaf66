import { cuts, fates } from "./weather.ts";

/** What a story that was never told cannot show: each of these must have happened in some seed. */
export const mustHappen: readonly string[] = [
  ...fates.map((fate) => `a call: ${fate}`),
  ...cuts.map((cut) => `a connection: ${cut}`),
  ...["arrived", "traced", "asked"].map((phase) => `a run was cut: ${phase}`),
  ...["reply", "noReply", "heartbeatOk", "empty", "truncated", "withheld", "failed"].map(
    (ending) => `a run ended: ${ending}`,
  ),
  ...["reply", "failed"].map((ending) => `a run ended: ${ending}, taken up after a crash`),
  ...["notRun", "active", "aborted", "failed", "ran", "unknown"].map((verdict) => `verdict: ${verdict}`),
  ...["reply", "noReply", "heartbeatOk", "empty", "truncated"].map((kind) => `delivered: ${kind}`),
  ...["notSent", "refused", "ran", "maybeRan"].map((outcome) => `failed: ${outcome}, then retry`),
  ...["notSent", "refused", "ran", "maybeRan"].map((outcome) => `failed: ${outcome}, then dead`),
  ...["begin", "renew", "complete", "fail", "release"].map((call) => `${call}: ERR_LEASE_LOST`),
  "claim: ERR_WORKER_FENCED",
  "stopped: ERR_WORKER_FENCED",
  "stopped: asked to",
  "released",
  "dropped",
  "a heartbeat",
  "redriven",
  "a runtime crashed",
  "a runtime was drained",
  "a runtime was paused",
  "a runtime was started while another one of its name ran",
  "the control plane is away",
  "the gateway crashed",
  "the gateway never took up what a crash interrupted",
  "the gateway restarted",
  ...["a runtime", "the control plane"].flatMap((whose) =>
    ["forward", "back"].map((way) => `the clock of ${whose} was set ${way}`),
  ),
  "the text of a cut run leaked into the next prompt",
];

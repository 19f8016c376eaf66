import { truncateBytes } from "../limits.ts";
import { scrubText } from "../scrub.ts";
import type { Secret } from "../secret.ts";
import { liveAttempt, type ProvisionAttempt, type ProvisionRecord } from "./record.ts";
import { fail, withAttempt, type ProvisionChange } from "./transition.ts";

/** Who does what a droplet's first boot does. */
const bootstrap = "bootstrap";

/** How many refusals of one token are told in the audit log: whoever has it must not fill the log. */
const toldRefusals = 5;
/** How many phases are kept of an attempt. */
const keptPhases = 32;
/** How much of a phase's standard error is kept, in bytes of UTF-8: its end. */
export const stderrTailBytes = 4_096;

/**
 * A droplet exchanges its bootstrap token for its service token (only whose hash it sends).
 *
 * The same hash again is accepted as long as the attempt's droplet is the account's: the answer may have been lost, or the
 * droplet was restarted. Another hash is refused: somebody else has the token.
 *
 * @param record the one that has the attempt with this bootstrap token
 * @param call hash of the bootstrap token, hash of the service token, and the droplet's own id, when it knows that
 * @param now milliseconds since the epoch
 * @returns what to store, and whether the token was accepted
 */
export function exchangeToken(
  record: ProvisionRecord,
  call: { bootstrapTokenHash: string; serviceTokenHash: string; dropletId: number | null },
  now: number,
): ProvisionChange & { accepted: boolean } {
  const attempt = attemptOf(record, call.bootstrapTokenHash);
  const open = attempt !== null && attempt === liveAttempt(record);
  if (open && attempt.serviceTokenHash === call.serviceTokenHash)
    return { record, activities: [], accepted: true };
  if (!open || attempt.serviceTokenHash !== null || isOver(attempt, now))
    return { ...refuse(record, attempt, now), accepted: false };
  const { serviceTokenHash, dropletId: home } = call;
  return {
    record: withAttempt(record, attempt.nonce, () => ({
      ...attempt,
      serviceTokenHash,
      home,
      exchangedAt: now,
    })),
    activities: [{ type: "runtime_bootstrapped", actor: bootstrap, subject: null, at: now }],
    accepted: true,
  };
}

/**
 * A droplet tells of a phase of its first boot. One that went wrong ends the attempt: the droplet has given up.
 *
 * @param record the one that has the attempt with this bootstrap token
 * @param call the token, its hash, and what the droplet tells
 * @param now milliseconds since the epoch
 * @returns what to store, and whether the token was accepted
 */
export function reportPhase(
  record: ProvisionRecord,
  call: {
    bootstrapToken: Secret;
    bootstrapTokenHash: string;
    phase: string;
    ok: boolean;
    stderrTail: string;
  },
  now: number,
): ProvisionChange & { accepted: boolean } {
  const attempt = attemptOf(record, call.bootstrapTokenHash);
  if (
    attempt === null ||
    attempt !== liveAttempt(record) ||
    (attempt.decided === null && isOver(attempt, now))
  )
    return { record, activities: [], accepted: false };
  const { phase, ok } = call;
  const known = attempt.phases.at(-1);
  const stderrTail = tailOf(scrubText(call.stderrTail, [call.bootstrapToken]));
  // Its answer was lost, and it was told again.
  if (known?.phase === phase && known.ok === ok && known.stderrTail === stderrTail)
    return { record, activities: [], accepted: true };
  const told = withAttempt(record, attempt.nonce, () => ({
    ...attempt,
    phases: [...attempt.phases, { phase, ok, stderrTail, at: now }].slice(-keptPhases),
  }));
  if (ok || attempt.decided !== null) return { record: told, activities: [], accepted: true };
  const message = `The phase ${JSON.stringify(phase)} of the droplet's first boot failed.`;
  return { ...fail(told, "phaseFailed", message, now), accepted: true };
}

/**
 * A runtime has reported. When it is the one that the droplet being made brought along, the droplet runs. A report after the
 * deadline counts as long as nobody has decided otherwise: it is there, and works.
 *
 * @param record as stored
 * @param serviceTokenHash of the token that it reported with
 * @param now milliseconds since the epoch
 */
export function noteReport(record: ProvisionRecord, serviceTokenHash: string, now: number): ProvisionChange {
  const live = liveAttempt(record);
  if (record.state !== "provisioning" || live?.serviceTokenHash !== serviceTokenHash)
    return { record, activities: [] };
  const droplet = live.home ?? live.droplets[0]?.id;
  return {
    record: {
      ...withAttempt(record, live.nonce, () => ({ ...live, decided: { how: "running", at: now } })),
      state: "running",
      since: now,
      trouble: null,
    },
    activities: [
      {
        type: "runtime_provisioned",
        actor: bootstrap,
        subject: droplet === undefined ? null : `droplet ${droplet}`,
        at: now,
      },
    ],
  };
}

function attemptOf(record: ProvisionRecord, bootstrapTokenHash: string): ProvisionAttempt | null {
  return record.attempts.find((attempt) => attempt.bootstrapTokenHash === bootstrapTokenHash) ?? null;
}

const isOver = ({ deadline, decided }: ProvisionAttempt, now: number): boolean =>
  decided !== null || deadline === null || now > deadline;

function refuse(record: ProvisionRecord, attempt: ProvisionAttempt | null, now: number): ProvisionChange {
  if (attempt === null || attempt.refusals >= toldRefusals) return { record, activities: [] };
  return {
    record: withAttempt(record, attempt.nonce, () => ({ ...attempt, refusals: attempt.refusals + 1 })),
    activities: [{ type: "bootstrap_refused", actor: bootstrap, subject: null, at: now }],
  };
}

/** The end of a text, whole characters only. */
function tailOf(text: string): string {
  let tail = text.slice(-stderrTailBytes);
  // A half of a pair at its beginning would not survive UTF-8.
  if (/^[\uDC00-\uDFFF]/.test(tail)) tail = tail.slice(1);
  while (truncateBytes(tail, stderrTailBytes) !== tail) tail = tail.slice(Math.ceil(tail.length / 16));
  return tail.replace(/^[\uDC00-\uDFFF]/, "");
}

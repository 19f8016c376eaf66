import type { LeaseId, NotificationId } from "@lobstercontrol/core";

/**
 * A UUID (version 8) that follows from what it is made of. Randomness in a mutation of Convex comes from a seed and is no
 * protection against two that are the same; this is none either, and cannot be.
 *
 * @param parts together they must be unlike any others'
 */
async function derivedUuid(...parts: (string | number)[]): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(parts));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = Array.from(digest.subarray(0, 16), (byte, index) =>
    (index === 6 ? (byte & 0x0f) | 0x80 : index === 8 ? (byte & 0x3f) | 0x80 : byte)
      .toString(16)
      .padStart(2, "0"),
  ).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The id of a new notification. With the time in it, for a cause may come again after the first was forgotten. */
export const derivedNotificationId = async (
  account: string,
  idempotencyKey: string,
  now: number,
): Promise<NotificationId> => `ntf_${await derivedUuid(account, idempotencyKey, now)}` as NotificationId;

/**
 * The id of a lease.
 *
 * @param handedOut how often the notification has been handed out before: no two of its leases are the same, even when a
 *   claim of long ago arrives once more
 */
export const derivedLeaseId = async (
  notification: NotificationId,
  claimId: string,
  handedOut: number,
): Promise<LeaseId> => `lse_${await derivedUuid(notification, claimId, handedOut)}` as LeaseId;

/** The id of a service token that a droplet brought, of which only the hash is known. */
export const derivedServiceTokenId = async (account: string, hash: string): Promise<string> =>
  `stk_${await derivedUuid(account, hash)}`;

/** A `Retry-After` header in milliseconds from `now`: it holds seconds or a date. Null when it holds neither. */
export function retryAfterMs(headers: Headers, now: number): number | null {
  const value = headers.get("retry-after")?.trim();
  if (value === undefined || value === "") return null;
  const delayMs = /^\d{1,9}$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now;
  return Number.isNaN(delayMs) ? null : Math.max(0, delayMs);
}

/** As RFC 9110 has dates sent. `Date.parse` alone takes nearly anything: `-5` for a May. */
const httpDate = /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/;

/** A `Retry-After` header in milliseconds from `now`: it holds seconds or a date. Null when it holds neither. */
export function retryAfterMs(headers: Headers, now: number): number | null {
  const value = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  const delayMs = Date.parse(httpDate.test(value) ? value : "") - now;
  return Number.isNaN(delayMs) ? null : Math.max(0, delayMs);
}

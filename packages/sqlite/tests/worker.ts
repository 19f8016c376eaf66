/** A process of its own that claims and completes until it is told to stop by the end of its standard input. */
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";

const [path = "", token = "", workerId = ""] = process.argv.slice(2);
const controlPlane = createSqliteControlPlane({ path, watchMs: 5 });
const port = controlPlane.runtime(token);
const stop = new AbortController();
process.stdin.on("end", () => stop.abort()).resume();

let wake = (): void => {};
port.watch?.(() => wake(), stop.signal);
stop.signal.addEventListener("abort", () => wake());

console.log("ready");
let claimed = 0;
while (!stop.signal.aborted) {
  const woken = new Promise<void>((resolve) => (wake = resolve));
  const request = { workerId, incarnation: "only", claimId: crypto.randomUUID(), limit: 5, leaseMs: 30_000 };
  const claims = await port.claim(request);
  claimed += claims.length;
  await Promise.all(
    claims.map(async ({ lease, input }) => {
      await port.begin(lease, { sessionMark: null });
      await port.complete(lease, { kind: "reply", text: input, responseId: null });
    }),
  );
  if (claims.length === 0) await woken;
}
controlPlane.close();
console.log(claimed);

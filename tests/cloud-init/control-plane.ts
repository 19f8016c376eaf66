/**
 * The control plane of a droplet, run in its network: the real handler, with a port that writes each call to stdout as a line
 * of JSON. With it goes what anybody on the droplet could see of the process that called: all arguments and environments.
 *
 * Arguments: the port to listen on, and how many requests are first answered with 503.
 */
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRuntimeHandler } from "@lobstercontrol/core/http";

const [port = "", refusals = "0"] = process.argv.slice(2);
let left = Number(refusals);

const handler = createRuntimeHandler({
  prefix: "/lobster",
  controlPlane: {
    runtime: () => {
      throw new Error("No runtime is expected here.");
    },
    bootstrap: {
      exchange: () => Promise.reject(new Error("No exchange is expected here.")),
      phase: async ({ bootstrapToken, ...phase }) => {
        say({ ...phase, token: bootstrapToken.reveal(), processes: processes() });
      },
    },
  },
});

const server = createServer((request, response) => {
  void (async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (left > 0) {
      left -= 1;
      response.writeHead(503).end();
      return;
    }
    const headers = new Headers(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const body = Buffer.concat(chunks);
    const answer = await handler(
      new Request(`http://127.0.0.1:${port}${request.url}`, {
        method: request.method ?? "GET",
        headers,
        body,
      }),
    );
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
  })();
});
server.listen(Number(port), "127.0.0.1", () => say({ listening: true }));
process.stdin.on("end", () => process.exit(0)).resume();

function say(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Arguments and environments of all other processes of this droplet. */
function processes(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .flatMap((pid) => {
      try {
        return [
          `${readFileSync(`/proc/${pid}/cmdline`, "utf8")} ${readFileSync(`/proc/${pid}/environ`, "utf8")}`,
        ];
      } catch {
        return [];
      }
    })
    .map((text) => text.replaceAll("\0", " "));
}

import { createServer } from "node:net";
import { startGroup } from "../../../examples/quickstart/gateway/process-group.ts";

const timeLimitMs = 60_000;

/** A Prism that stands before a server. */
export interface Prism {
  /** Where it listens. */
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts Prism as a proxy. It answers a request that is not as documented with 422, and an answer that is not with 500.
 *
 * @param entry of Prism
 * @param document the API's document
 * @param upstream the server behind it
 */
export async function startPrism(entry: string, document: string, upstream: string): Promise<Prism> {
  const port = await freePort();
  let output = "";
  let ready = (): void => {};
  const listening = new Promise<void>((resolve) => (ready = resolve));
  const group = await startGroup({
    command: process.execPath,
    args: [entry, "proxy", "--errors", "--host", "127.0.0.1", "--port", String(port), document, upstream],
    cwd: import.meta.dirname,
    env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" },
    onOutput(text) {
      output += text;
      if (output.includes("Prism is listening")) ready();
    },
  });
  const stop = async (): Promise<void> => {
    group.kill();
    await group.ended;
  };
  const timer = setTimeout(() => group.kill(), timeLimitMs);
  const ended = group.ended.then((code) => {
    throw new Error(`Prism ended with ${code}.\n${output.slice(-2_000)}`);
  });
  ended.catch(() => {});
  await Promise.race([listening, ended]).finally(() => clearTimeout(timer));
  return { url: `http://127.0.0.1:${port}`, stop };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === "string") throw new Error("There is no free port.");
  return address.port;
}

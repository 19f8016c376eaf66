import { createServer } from "node:net";

/**
 * A port of the loopback interface that nobody listens on.
 *
 * It is free when this returns, not reserved: somebody else may take it before you do. The gateway then ends before it is
 * ready, and says so.
 */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === "object" && address !== null) resolve(address.port);
        else reject(new Error("The operating system gave no port."));
      });
    });
  });
}

import { createServer } from "node:net";

/**
 * A port of the loopback interface that nobody listens on.
 *
 * It is free when this returns, not reserved: somebody else may take it before you do.
 *
 * @param wanted the port to look at. Default: 0, any
 * @throws {Error} the operating system's, `EADDRINUSE` when the wanted port is taken
 */
export function freePort(wanted = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(wanted, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === "object" && address !== null) resolve(address.port);
        else reject(new Error("The operating system gave no port."));
      });
    });
  });
}

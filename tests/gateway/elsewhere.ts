import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { inject, onTestFinished } from "vitest";

/**
 * A way to a gateway that is bound to all addresses, as from another machine: it hands on every byte and arrives from an
 * address that is not loopback. The official client would not speak plain text to such an address unless it is a private
 * one, which depends on the machine; on loopback it does, as at the near end of a tunnel.
 *
 * @returns the near end, closed when the test has finished
 */
export async function openElsewhere(gateway: { url: string }): Promise<string> {
  const host = inject("ownAddress");
  if (host === null) throw new Error("There is no such address: put this test into describeElsewhere.");
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect({ host, port: Number(new URL(gateway.url).port), localAddress: host });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

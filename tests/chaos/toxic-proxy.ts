import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";

/**
 * What a network does to what passes through it.
 *
 * - `none`: nothing
 * - `latency`: every piece comes late
 * - `cut`: connections are reset, those that stand and those that come
 * - `halfOpen`: connections stand and are taken, and nothing passes, ever again: they stay dead when the network is well
 * - `drip`: a few bytes at a time
 * - `deaf`: what is said arrives, and what is answered to a POST is held back until the network is well
 */
export type Toxic =
  | { kind: "none" | "cut" | "halfOpen" | "deaf" }
  | { kind: "latency"; ms: number }
  | { kind: "drip"; bytes: number; everyMs: number };

/** A way to a server through a network of which one can say how it is. */
export interface ToxicProxy {
  port: number;
  url: string;
  /** The network is this way from now on, also for connections that stand. */
  set(toxic: Toxic): void;
  /** How many connections were ever made. */
  connections(): number;
}

interface Link {
  near: Socket;
  far: Socket;
  isDead: boolean;
  /** Whether what it was last asked is a POST. */
  isPost: boolean;
}

/** Opens a way to a port of loopback; it is closed when the test has finished. */
export async function openToxicProxy(to: () => number): Promise<ToxicProxy> {
  const links = new Set<Link>();
  let toxic: Toxic = { kind: "none" };
  /** Those who wait for the network to change. */
  const waiting: (() => void)[] = [];
  let made = 0;

  const change = (): Promise<void> => new Promise((go) => waiting.push(go));

  function drop(link: Link): void {
    link.near.resetAndDestroy();
    link.far.resetAndDestroy();
    links.delete(link);
  }

  /** Hands on what one side says. A piece that waits holds up those behind it, and in the end whoever says them. */
  function pump(link: Link, from: Socket, towards: Socket, isAnswer: boolean): void {
    let before = Promise.resolve();
    from.on("data", (piece: Buffer) => {
      const asked = isAnswer ? undefined : /^(GET|POST) /.exec(piece.toString("latin1", 0, 5))?.[1];
      if (asked !== undefined) link.isPost = asked === "POST";
      from.pause();
      before = before.then(() => pass(link, piece, towards, isAnswer)).then(() => void from.resume());
    });
    from.on("end", () => void before.then(() => !link.isDead && towards.end()));
    // Whoever is behind a dead network does not learn that the other one is gone.
    from.on("close", () => void before.then(() => !link.isDead && towards.destroy()));
    from.on("error", () => {});
    towards.on("close", () => waiting.splice(0).forEach((go) => go()));
  }

  async function pass(link: Link, piece: Buffer, towards: Socket, isAnswer: boolean): Promise<void> {
    if (isAnswer) while (toxic.kind === "deaf" && link.isPost && !towards.destroyed) await change();
    if (toxic.kind === "latency") await sleep(toxic.ms);
    let rest = piece;
    while (toxic.kind === "drip" && rest.length > toxic.bytes && !link.isDead && !towards.destroyed) {
      towards.write(rest.subarray(0, toxic.bytes));
      rest = rest.subarray(toxic.bytes);
      await sleep(toxic.everyMs);
    }
    if (!link.isDead && !towards.destroyed) towards.write(rest);
  }

  const server = createServer({ allowHalfOpen: true }, (near) => {
    made++;
    const far = connect({ port: to(), host: "127.0.0.1", allowHalfOpen: true });
    const link: Link = { near, far, isDead: toxic.kind === "halfOpen", isPost: false };
    links.add(link);
    pump(link, near, far, false);
    pump(link, far, near, true);
    far.on("error", () => drop(link));
    near.on("close", () => !link.isDead && links.delete(link));
    if (toxic.kind === "cut") drop(link);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    set({ kind: "none" });
    for (const link of links) drop(link);
    await new Promise((resolve) => server.close(resolve));
  });

  function set(next: Toxic): void {
    toxic = next;
    for (const go of waiting.splice(0)) go();
    for (const link of links)
      if (next.kind === "cut") drop(link);
      else if (next.kind === "halfOpen") link.isDead = true;
  }

  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}`, set, connections: () => made };
}

/**
 * An instant gateway in a process of its own, so that it shares no event loop with who is measured. Its answers are bytes
 * that are ready before the first request, written straight to the socket: `node:http` would take as long as a client.
 */
import { createServer, type Socket } from "node:net";
import { eventsOf, replies, wholeOf, type Reply } from "./replies.ts";

const head = `HTTP/1.1 200 OK\r
X-Content-Type-Options: nosniff\r
Referrer-Policy: no-referrer\r
Permissions-Policy: camera=(), microphone=(self), geolocation=()\r
Date: Sun, 22 Nov 2026 13:28:55 GMT\r
Connection: keep-alive\r
`;
const streamHead = `${head}Content-Type: text/event-stream; charset=utf-8\r
Cache-Control: no-cache\r
Transfer-Encoding: chunked\r
\r
`;

function chunk(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
}

function chunked(events: readonly string[], chunkBytes?: number): Buffer {
  if (chunkBytes === undefined) return Buffer.concat(events.map((event) => chunk(Buffer.from(event))));
  const bytes = Buffer.from(events.join(""));
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes)
    pieces.push(chunk(bytes.subarray(at, at + chunkBytes)));
  return Buffer.concat(pieces);
}

function answersOf(reply: Reply) {
  const [begin, rest] = eventsOf(reply);
  const { chunkBytes, restMs = 0 } = reply;
  const last = Buffer.from("0\r\n\r\n");
  const body = wholeOf(reply);
  const wholeHead = `${head}Content-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  const events =
    restMs > 0
      ? [chunked(begin), Buffer.concat([chunked(rest), last])]
      : [Buffer.concat([chunked([...begin, ...rest], chunkBytes), last])];
  const [first = last, ...later] = events;
  return {
    events: [Buffer.concat([Buffer.from(streamHead), first]), ...later],
    whole: Buffer.from(wholeHead + body),
    restMs,
  };
}

const answers = new Map(Object.entries(replies).map(([name, reply]) => [name, answersOf(reply)]));

function answer(socket: Socket, request: string, body: string): void {
  const [, name = ""] = /^POST \/([a-z]+)\/v1\/responses HTTP/.exec(request) ?? [];
  const found = answers.get(name);
  if (found === undefined) throw new Error(`not a request of the bench: ${request}`);
  if (!body.includes('"stream":true')) {
    socket.write(found.whole);
    return;
  }
  const [first, later] = found.events;
  socket.write(first!);
  if (later !== undefined) setTimeout(() => socket.write(later), found.restMs);
}

const server = createServer({ noDelay: true }, (socket) => {
  let received = "";
  socket.on("error", () => {});
  // Bytes as characters: nothing but the length of the body counts, and whether a stream is asked for.
  socket.setEncoding("latin1");
  socket.on("data", (text: string) => {
    received += text;
    for (;;) {
      const end = received.indexOf("\r\n\r\n");
      if (end < 0) return;
      const request = received.slice(0, end);
      const [, length] = /\r\ncontent-length: *(\d+)/i.exec(request) ?? [];
      if (length === undefined) throw new Error(`a request without a length: ${request}`);
      const next = end + 4 + Number(length);
      if (received.length < next) return;
      answer(socket, request, received.slice(end + 4, next));
      received = received.slice(next);
    }
  });
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as { port: number }).port));
process.on("disconnect", () => process.exit());

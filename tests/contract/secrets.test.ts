import { inspect } from "node:util";
import { Secret } from "@lobstercontrol/core";
import { createDotsApi } from "@lobstercontrol/provisioner/dots";
import { describe, expect, it } from "vitest";
import { faultKinds } from "./fake/types.ts";
import { calls, createWorld, hasDocument, newDroplet, token, type World } from "./world.ts";

const bootstrapToken = ["lcb", "canary".repeat(6)].join("_");
const userData = `#cloud-config\nwrite_files:\n  - path: /etc/lobster/bootstrap\n    content: ${bootstrapToken}\n`;
const create = ({ api }: World) => api.createDroplet(newDroplet({ userData }));
/** Any piece of these is too much. */
const canaries = [
  token,
  bootstrapToken,
  "/etc/lobster/bootstrap",
  token.slice(10, 40),
  bootstrapToken.slice(4, 24),
];

describe.skipIf(!hasDocument)(
  "promise 8: the token and user-data are where they must be, and nowhere else",
  () => {
    it("the token is in the Authorization header alone, and user-data in the body of the create alone", async () => {
      for (const call of [...Object.values(calls), create]) {
        const world = await createWorld();
        await call(world);
        for (const { path, headers, text } of world.fake.requests) {
          const others = [...headers].filter(([name]) => name !== "authorization").flat();
          expect(headers.get("authorization")).toBe(`Bearer ${token}`);
          expectNoCanary([path, ...others, call === create ? "" : text]);
          expect(text).not.toContain(token);
        }
        expect(world.lines).not.toEqual([]);
        expectNoCanary(world.lines);
        if (call === create)
          expect(JSON.parse(world.fake.requests[0]?.text ?? "")).toMatchObject({ user_data: userData });
      }
    });

    it.each(faultKinds)(
      "neither is in an error, its cause, its stack or the log after %s, even if the answer repeats them",
      async (kind) => {
        const world = await createWorld({ timeoutMs: 1_000 });
        for (const message of [
          `No: Bearer ${token}`,
          `user_data: ${userData}`,
          `line 4: ${bootstrapToken.slice(0, 24)}… is not valid`,
          `token ${token.slice(0, 30)} has expired`,
        ]) {
          world.fake.fail({ kind, message, effect: true });
          const failed = world.api.createDroplet(newDroplet({ userData })).catch((error: unknown) => error);
          for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
          world.clock.advance(60_000);
          expectNoCanary([await failed, world.lines]);
        }
      },
    );

    it("neither is in the error of a fetch that quotes its request", async () => {
      const { api } = await createWorld({
        fetch: async (input, init) => {
          throw Object.assign(new Error(`${new Request(input).url} ${JSON.stringify(init)}`), {
            request: init,
          });
        },
      });

      const error = await api.createDroplet(newDroplet({ userData })).catch((caught: unknown) => caught);

      expect(error).toMatchObject({ outcome: "unknown", reason: "unreachable" });
      expectNoCanary([error]);
    });

    it("what DigitalOcean says for itself is told", async () => {
      const world = await createWorld();
      world.fake.fail({ kind: "422", message: "Name Only valid hostname characters are allowed." });

      await expect(world.api.createDroplet(newDroplet({ userData }))).rejects.toThrow(
        /valid hostname characters/,
      );
    });

    it("the token may be a Secret; one that cannot be a header is refused without a word of it", () => {
      createDotsApi({ token: new Secret(token) });
      for (const wrong of ["", `${token}\n`, `${token} x`, `${token}ä`])
        expect(() => createDotsApi({ token: wrong })).toThrow(
          expect.objectContaining({ code: "ERR_INVALID_INPUT", message: expect.not.stringContaining(token) }),
        );
    });

    it.each([
      "http://api.digitalocean.com",
      "http://127.0.0.1.example.com",
      "ftp://localhost",
      "https://u:p@example.com",
      "https://example.com/?x",
      "nonsense",
    ])("the token is not sent to %s", (baseUrl) => {
      expect(() => createDotsApi({ token, baseUrl })).toThrow(
        expect.objectContaining({ code: "ERR_INVALID_INPUT" }),
      );
    });

    it("goes to DigitalOcean over TLS where nothing else is said, and follows no redirect", async () => {
      let sent: [unknown, RequestInit | undefined] | undefined;
      const api = createDotsApi({
        token,
        fetch: async (input, init) => {
          sent = [input, init];
          return Response.redirect("https://example.com/", 302);
        },
      });

      await expect(api.getAccount()).rejects.toMatchObject({
        outcome: "unknown",
        reason: "garbled",
        status: 302,
      });
      expect(sent?.[0]).toBe("https://api.digitalocean.com/v2/account");
      expect(sent?.[1]?.redirect).toBe("manual");
    });
  },
);

function expectNoCanary(values: unknown[]): void {
  for (const value of values) {
    const shown = [
      inspect(value, { depth: 10, showHidden: true, getters: true }),
      JSON.stringify(value) ?? "",
      value instanceof Error ? `${value.stack} ${inspect(value.cause)}` : "",
    ].join("\n");
    for (const canary of canaries) expect(shown).not.toContain(canary);
  }
}

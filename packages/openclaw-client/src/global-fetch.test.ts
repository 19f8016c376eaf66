import { http, HttpResponse } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { createOpenClawClient } from "./client.ts";
import { createMockGateway } from "./testing/mock-gateway.ts";
import { failureOf, hello } from "./test-client.ts";

// Whatever no handler takes is an error: these tests must not reach a network.
const server = setupServer();
beforeAll(() => server.listen({ onUnhandledFrame: "error" }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const baseUrl = "http://gateway.test";
const gateway = createMockGateway();
const client = createOpenClawClient({ baseUrl, token: gateway.token });

it("uses the global fetch when it is given none", async () => {
  server.use(http.all(`${baseUrl}/*`, ({ request }) => gateway.fetch(request)));
  expect((await client.responses.create(hello)).text).toContain("Are you there?");
  expect(await client.probe()).toMatchObject({ live: true, authorized: true, responsesEnabled: true });
});

it("follows no redirect: it would carry the token to somebody else", async () => {
  const strangers: string[] = [];
  server.use(
    http.post(`${baseUrl}/v1/responses`, () =>
      HttpResponse.redirect("http://stranger.test/v1/responses", 307),
    ),
    http.all("http://stranger.test/*", ({ request }) => {
      strangers.push(request.url);
      return new HttpResponse(null, { status: 200 });
    }),
  );
  const error = await failureOf(client.responses.create(hello));
  expect(error).toMatchObject({ code: "ERR_REQUEST_REFUSED", outcome: "refused" });
  expect(strangers).toEqual([]);
});

import { expect, it } from "vitest";
import { hello, inMemory, key } from "./test-client.ts";

it("tells what happens, but nothing of what was said", async () => {
  const told: unknown[] = [];
  const hook = (info: unknown): unknown => told.push(info);
  const hooks = { onRequest: hook, onResponse: hook, onEvent: hook };
  const { client, gateway } = inMemory({}, hooks);
  await client.responses.create(hello);

  expect(told.slice(0, 3)).toEqual([
    { agent: "main", method: "POST", path: "/v1/responses", attempt: 1 },
    { agent: "main", status: 200, durationMs: expect.any(Number), attempt: 1 },
    { agent: "main", type: "response.created" },
  ]);
  for (const secret of [gateway.token, hello.input, key]) expect(JSON.stringify(told)).not.toContain(secret);
});

it("survives hooks that throw or reject", async () => {
  const onRequest = (): never => {
    throw new Error("hook");
  };
  const onEvent = async (): Promise<never> => onRequest();
  const { client } = inMemory({}, { onRequest, onResponse: onRequest, onEvent });

  expect((await client.responses.create(hello)).status).toBe("completed");
});

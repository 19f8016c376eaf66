import { InvalidInputError, Secret } from "@lobstercontrol/core";
import { createFakeClock } from "@lobstercontrol/core/testing";
import { describe, expect, it } from "vitest";
import { probeProviderKey } from "./probe.ts";

const rest = "0123456789-Abc_def";
const keys = [
  ["anthropic", `sk-ant-${rest}`, "https://api.anthropic.com/v1/models?limit=1", "x-api-key"],
  ["openai", `sk-${rest}`, "https://api.openai.com/v1/models", "authorization"],
  [
    "gemini",
    `AQ.${rest}`,
    "https://generativelanguage.googleapis.com/v1beta/models?pageSize=1",
    "x-goog-api-key",
  ],
  ["openrouter", `sk-or-${rest}`, "https://openrouter.ai/api/v1/key", "authorization"],
  ["vercel-ai-gateway", `vck_${rest}`, "https://ai-gateway.vercel.sh/v1/credits", "authorization"],
] as const;

/** A fetch that answers, and what it was asked. */
function answering(answer: (init: RequestInit) => Response | Promise<Response>) {
  const requests: { url: string; init: RequestInit }[] = [];
  const fetch: typeof globalThis.fetch = async (url, init = {}) => {
    requests.push({ url: url as string, init });
    return await answer(init);
  };
  return { fetch, requests };
}

describe.each(keys)("a probe of a key of %s", (provider, key, url, header) => {
  it("asks one fixed address, with the key in a header and nowhere else", async () => {
    const { fetch, requests } = answering(() => Response.json({ data: [] }));
    expect(await probeProviderKey({ provider, key: new Secret(` ${key}`) }, { fetch })).toBe("accepted");
    expect(requests).toHaveLength(1);
    const [{ url: asked, init }] = requests as [{ url: string; init: RequestInit }];
    expect(asked).toBe(url);
    expect(init).toMatchObject({ method: "GET", redirect: "manual" });
    expect(init.body).toBeUndefined();
    const value = new Headers(init.headers).get(header);
    expect(value).toBe(header === "authorization" ? `Bearer ${key}` : key);
  });

  it.each([
    [200, "accepted"],
    [401, "refused"],
    [403, "unknown"],
    [302, "unknown"],
    [404, "unknown"],
    [429, "unknown"],
    [500, "unknown"],
    [204, "unknown"],
  ])("takes the status %i for %s", async (status, verdict) => {
    const { fetch } = answering(
      () => new Response(null, { status, headers: { location: "https://x.test/" } }),
    );
    expect(await probeProviderKey({ provider, key }, { fetch })).toBe(verdict);
  });

  it.each([
    ["says so", '{"error":{"code":400,"details":[{"reason":"API_KEY_INVALID"}]}}', "refused"],
    ["speaks of something else", '{"error":{"code":400,"status":"FAILED_PRECONDITION"}}', "unknown"],
    ["says so behind very much else", `${" ".repeat(1_000_000)}API_KEY_INVALID`, "unknown"],
    ["says nothing", null, "unknown"],
  ])(
    "takes the status 400 for refused where the provider has it for that, and %s",
    async (_, body, verdict) => {
      const { fetch } = answering(() => new Response(body, { status: 400 }));
      expect(await probeProviderKey({ provider, key }, { fetch })).toBe(
        provider === "gemini" ? verdict : "unknown",
      );
    },
  );

  it("knows nothing when the answer breaks off", async () => {
    const broken = new ReadableStream({ pull: () => Promise.reject(new Error(`cut at ${key}`)) });
    const { fetch } = answering(() => new Response(broken, { status: 400 }));
    expect(await probeProviderKey({ provider, key }, { fetch })).toBe("unknown");
  });

  it("knows nothing when there is no answer", async () => {
    const { fetch } = answering(() => {
      throw new TypeError(`fetch failed with ${key}`);
    });
    expect(await probeProviderKey({ provider, key }, { fetch })).toBe("unknown");
  });

  it.each([
    ["10 seconds", undefined, 10_000],
    ["the time that it was given", 50, 50],
  ])("waits no longer than %s", async (_, timeoutMs, waitsMs) => {
    const clock = createFakeClock();
    const { fetch } = answering(
      ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal!.addEventListener("abort", () => reject(signal!.reason as Error));
        }),
    );
    let verdict: string | null = null;
    const probing = probeProviderKey(
      { provider, key },
      { fetch, clock, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
    ).then((found) => (verdict = found));
    clock.advance(waitsMs - 1);
    // More turns than the way to the verdict has.
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    expect(verdict).toBeNull();
    clock.advance(1);
    expect(await probing).toBe("unknown");
  });
});

it("leaves no timer behind", async () => {
  const clock = createFakeClock();
  let signal: AbortSignal | null | undefined;
  const { fetch } = answering((init) => {
    signal = init.signal;
    return new Response();
  });
  await probeProviderKey({ provider: "openai", key: keys[1][1] }, { fetch, clock });
  clock.advance(60_000);
  expect(signal!.aborted).toBe(false);
});

it("does not read the answer", async () => {
  let cancelled = false;
  const body = new ReadableStream({ cancel: () => void (cancelled = true) });
  const { fetch } = answering(() => new Response(body));
  expect(await probeProviderKey({ provider: "openai", key: keys[1][1] }, { fetch })).toBe("accepted");
  expect(cancelled).toBe(true);
});

it("does not mind an answer that cannot be cancelled", async () => {
  const body = new ReadableStream({ cancel: () => Promise.reject(new Error("no")) });
  const { fetch } = answering(() => new Response(body));
  expect(await probeProviderKey({ provider: "openai", key: keys[1][1] }, { fetch })).toBe("accepted");
});

it("knows nothing of a custom provider, and asks nobody", async () => {
  const { fetch, requests } = answering(() => new Response());
  expect(await probeProviderKey({ provider: "https", key: "a-key" }, { fetch })).toBe("unknown");
  expect(requests).toEqual([]);
});

it("asks nobody about what is no key of the provider", async () => {
  const { fetch, requests } = answering(() => new Response());
  await expect(probeProviderKey({ provider: "openai", key: "x" }, { fetch })).rejects.toThrow(
    InvalidInputError,
  );
  await expect(probeProviderKey({ provider: "https://x.test", key: "x" }, { fetch })).rejects.toThrow(
    InvalidInputError,
  );
  expect(requests).toEqual([]);
});

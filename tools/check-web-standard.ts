/**
 * core and openclaw-client use web standards only: what they publish must load, and work, where there is no Node. Each
 * package's built entry is bundled with everything it depends on, for no platform in particular, so that an import of
 * Node's modules fails the bundling; the bundle then runs in a VM that has the globals of an edge runtime and no others.
 */
import { EdgeVM } from "@edge-runtime/vm";
import { build, type BuildFailure } from "esbuild";

interface Sample {
  /** The package whose main entry is bundled. */
  package: string;
  /** Code with the entry's exports as `entry` and `expect(what, actual, wanted)`; may await. */
  code: string;
}

const samples: Sample[] = [
  {
    package: "core",
    code: `
      const secret = new entry.Secret("hunter2");
      expect("a Secret is not shown", [String(secret), JSON.stringify({ secret })], ["[secret]", '{"secret":"[secret]"}']);
      expect("a Secret is revealed", secret.reveal(), "hunter2");

      const parts = { account: "Acme", agent: "writer", thread: "t 1", epoch: 0 };
      const key = entry.sessionKey(parts);
      expect("a session key", key, "agent:writer:lobster:a.~41cme:t.t~201:0");
      expect("its parts", entry.parseSessionKey(key), parts);

      const pending = { id: entry.newNotificationId(), state: "pending", attempts: 0, repeated: false, attempt: null };
      const lease = { id: entry.newLeaseId(), workerId: "w", incarnation: "i", claimId: "c", until: 1 };
      const leased = entry.transition(pending, { type: "claimed", lease }, 0);
      expect("a claimed notification", [leased.state, leased.attempts], ["leased", 1]);
      const outcome = { kind: "empty", responseId: null };
      const done = entry.transition(leased, { type: "completed", leaseId: lease.id, outcome }, 5);
      expect("a completed notification", [done.state, done.deliveredAt], ["delivered", 5]);
      try {
        entry.transition(done, { type: "renewed", leaseId: lease.id, until: 2 }, 6);
        expect("a lost lease", "accepted", "refused");
      } catch (error) {
        expect("a lost lease", [entry.LeaseLostError.isInstance(error), error.code], [true, "ERR_LEASE_LOST"]);
      }
    `,
  },
  {
    package: "openclaw-client",
    code: `
      const sent = [];
      const usage = { input_tokens: 1, output_tokens: 2, total_tokens: 3 };
      const shell = { id: "resp_1", object: "response", created_at: 1, model: "openclaw", usage };
      const item = { type: "message", id: "msg_1", role: "assistant", status: "completed",
        content: [{ type: "output_text", text: "hello" }] };
      const events = [
        { type: "response.created", response: { ...shell, status: "in_progress", output: [] } },
        { type: "response.output_text.delta", item_id: "msg_1", output_index: 0, content_index: 0, delta: "hello" },
        { type: "response.completed", response: { ...shell, status: "completed", output: [item] } },
      ];
      const stream = events.map((event) => "event: " + event.type + "\\ndata: " + JSON.stringify(event) + "\\n\\n");
      const client = entry.createOpenClawClient({
        baseUrl: "http://gateway.example",
        token: "t0ken",
        fetch: async (input, init) => {
          const request = new Request(input, init);
          sent.push([request.method, new URL(request.url).pathname, request.headers.get("authorization")]);
          const status = sent.length === 1 ? 200 : 401;
          const body = status === 200 ? stream.join("") + "data: [DONE]\\n\\n" : '{"error":{"message":"no","type":"unauthorized"}}';
          const type = status === 200 ? "text/event-stream" : "application/json";
          return new Response(body, { status, headers: { "content-type": type } });
        },
      });
      const parameters = { agent: "main", sessionKey: "agent:main:lobster:a:t:0", input: "hi" };
      const answer = await client.responses.create(parameters);
      expect("an answer", [answer.id, answer.status, answer.text, answer.usage.totalTokens], ["resp_1", "completed", "hello", 3]);
      expect("what was sent", sent, [["POST", "/v1/responses", "Bearer t0ken"]]);
      const error = await client.responses.create(parameters).catch((caught) => caught);
      expect("a refusal", [error.code, error.outcome], ["ERR_GATEWAY_UNAUTHORIZED", "refused"]);
    `,
  },
];

let problems = 0;
for (const sample of samples) {
  for (const problem of await check(sample)) {
    problems += 1;
    console.error(`${sample.package}: ${problem}`);
  }
}
console.log(`${samples.length} packages, ${problems} problems`);
process.exitCode = problems > 0 ? 1 : 0;

async function check(sample: Sample): Promise<string[]> {
  let bundle: string;
  try {
    bundle = await bundled(`packages/${sample.package}/dist/index.js`);
  } catch (error) {
    return (error as BuildFailure).errors.map(({ text, location }) =>
      location === null ? text : `${location.file}:${location.line}: ${text}`,
    );
  }
  const vm = new EdgeVM();
  try {
    const run = vm.evaluate<Promise<string[]>>(`${bundle}
      (async () => {
        const problems = [];
        const expect = (what, actual, wanted) => {
          const [a, w] = [JSON.stringify(actual), JSON.stringify(wanted)];
          if (a !== w) problems.push(what + ": " + a + " instead of " + w);
        };
        ${sample.code}
        return problems;
      })()`);
    return await run;
  } catch (error) {
    // An error of the VM is none of this realm's, so `instanceof` does not know it.
    return [String((error as Error).stack ?? error)];
  }
}

async function bundled(entry: string): Promise<string> {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "entry",
    platform: "neutral",
    target: "es2022",
    logLevel: "silent",
  });
  return result.outputFiles.map(({ text }) => text).join("");
}

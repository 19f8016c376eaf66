/**
 * All measurements, in a process of their own; the figures as JSON on stdout. `--quick`: a few short rounds; `--ours`: the
 * yardstick and ours alone.
 */
import { candidates, type Candidate } from "./candidates.ts";

/** What one round measured. */
export interface Figure {
  candidate: string;
  call: "seal" | "open";
  bytes: number;
  inFlight: number;
  /** Calls a second, of each round. */
  perSecond: number[];
  /** What the sealed form has more than the plaintext, in bytes. */
  overhead: number;
}

const quick = process.argv.includes("--quick");
const rounds = quick ? 3 : 25;
const roundMs = quick ? 10 : 30;
const sizes = [32, 256, 1_024, 8_192, 65_536];

interface Case extends Figure {
  run: () => Promise<unknown>;
}

async function casesOf(candidate: Candidate): Promise<Case[]> {
  const all: Case[] = [];
  for (const bytes of sizes) {
    const plaintext = candidate.plaintext(crypto.getRandomValues(new Uint8Array(bytes))) as never;
    const sealed = (await candidate.seal(plaintext)) as never;
    for (const inFlight of [1, 32]) {
      const common = {
        candidate: candidate.name,
        bytes,
        inFlight,
        overhead: candidate.length(sealed) - bytes,
      };
      all.push({ ...common, call: "seal", perSecond: [], run: () => candidate.seal(plaintext) });
      all.push({ ...common, call: "open", perSecond: [], run: () => candidate.open(sealed) });
    }
  }
  return all;
}

async function measure({ run, inFlight }: Case): Promise<number> {
  let calls = 0;
  const started = performance.now();
  let ended: number;
  do {
    if (inFlight === 1) for (let index = 0; index < 8; index++) await run();
    else await Promise.all(Array.from({ length: inFlight }, run));
    calls += inFlight === 1 ? 8 : inFlight;
    ended = performance.now();
  } while (ended - started < roundMs);
  return (calls / (ended - started)) * 1_000;
}

const measured = process.argv.includes("--ours") ? candidates.slice(0, 2) : candidates;
const byCandidate = await Promise.all(measured.map(casesOf));
// Case by case and candidate after candidate, another one first in each round: a machine that gets busy slows all alike.
for (let round = -1; round < rounds; round++) {
  for (let index = 0; index < byCandidate[0]!.length; index++) {
    for (let turn = 0; turn < measured.length; turn++) {
      const current = byCandidate[(turn + round + 1) % measured.length]![index]!;
      const perSecond = await measure(current);
      // The first round warms up.
      if (round >= 0) current.perSecond.push(perSecond);
    }
  }
  process.stderr.write(`round ${round + 1} of ${rounds}\n`);
}
// What is a function is left out.
console.log(JSON.stringify(byCandidate.flat() satisfies Figure[]));

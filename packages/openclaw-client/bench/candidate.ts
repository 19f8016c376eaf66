/** One way to ask the gateway for a reply, written as those who use the library would write it. */
export interface Way {
  /** What comes back: the events of a stream, or one JSON answer. */
  wire: "events" | "whole";
  /** Whether `onDelta` is told anything. */
  deltas: boolean;
  /** Asks once and gives the reply's text; `onDelta` is told of each piece as it comes. */
  ask(onDelta: (delta: string) => void): Promise<string>;
}

/** The ways of a library, by name, to a gateway at `baseUrl` (which has no `/v1` yet). */
export type Library = (baseUrl: string) => Record<string, Way>;

/** What all of them send. */
export const token = "bench-token";
export const model = "openclaw/writer";
export const input = "Bea mentioned you: can you look at the draft?";
export const sessionKey = "agent:writer:lobster:a.acme:t.t1:0";
/** What each of them sends beside the headers of its own. */
export const headers = { "x-openclaw-session-key": sessionKey };

/** Loaded one at a time: a process that measures one library has none of the others in its memory. */
export const libraries: Record<string, () => Promise<{ library: Library }>> = {
  fetch: () => import("./candidates/fetch.ts"),
  naive: () => import("./candidates/naive.ts"),
  ours: () => import("./candidates/ours.ts"),
  openai: () => import("./candidates/openai.ts"),
  "ai-sdk": () => import("./candidates/ai-sdk.ts"),
};

import { readFile } from "node:fs/promises";
import type { DirectiveEnd } from "@lobstercontrol/core";
import { z } from "zod";
import { writeDurably } from "../write-durably.ts";

const stored = z.object({
  /** How directives ended, oldest first. */
  ended: z.array(z.object({ id: z.string(), ok: z.boolean(), message: z.string() })),
  /** A restart that the gateway was asked for. */
  restart: z.object({ id: z.string() }).nullable(),
  /** An upgrade under way. */
  upgrade: z
    .object({
      id: z.string(),
      target: z.string(),
      previous: z.string(),
      step: z.enum(["handedOver", "rollingBack"]),
    })
    .nullable(),
  /** What the condition `Upgraded` said last. */
  upgraded: z
    .object({ status: z.enum(["true", "false"]), reason: z.string(), message: z.string() })
    .nullable(),
  /** What runs, as far as anybody told: the supervisor, or the last upgrade. */
  release: z.string().nullable(),
});

/** What a runtime must not forget about directives when it is started anew. */
export type JournalState = z.output<typeof stored>;

/** The upgrade that a process takes up from the one before it. */
export type UpgradeUnderWay = NonNullable<JournalState["upgrade"]>;

/** The memory of directives. */
export interface Journal {
  /** What is known. */
  state(): JournalState;
  /** Changes it; on the disk when this resolves, and as it was when this rejects. */
  change(part: Partial<JournalState>): Promise<void>;
  /** How a directive ended, if it did. */
  endOf(id: string): DirectiveEnd | undefined;
  /**
   * Stores how a directive ended, together with what else changes by that; it is under way no more. This is known even if the
   * disk does not take it: it has happened.
   */
  end(end: DirectiveEnd, part?: Partial<JournalState>): Promise<void>;
}

/** The control plane asks again only for what no report told the end of; that is never so many. */
const kept = 100;

/**
 * Opens the memory of directives.
 *
 * @param path its file; null for none, which lasts as long as the process. One that cannot be understood is begun anew.
 * @param release what the supervisor says runs, which counts for more than what is remembered; null when it does not tell
 */
export async function openJournal(path: string | null, release: string | null = null): Promise<Journal> {
  let state: JournalState = { ended: [], restart: null, upgrade: null, upgraded: null, release: null };
  if (path !== null) {
    const parsed = stored.safeParse(jsonOf(await readFile(path, "utf8").catch(() => "")));
    if (parsed.success) state = withoutEnded(parsed.data);
  }
  if (release !== null) state = { ...state, release };
  let turn: Promise<unknown> = Promise.resolve();

  function change(part: Partial<JournalState>): Promise<void> {
    const changed = turn.then(async () => {
      if (path !== null) await writeDurably(path, `${JSON.stringify({ ...state, ...part })}\n`);
      state = { ...state, ...part };
    });
    turn = changed.catch(() => {});
    return changed;
  }

  return {
    state: () => state,
    change,
    endOf: (id) => state.ended.find((end) => end.id === id),
    end(end, part = {}) {
      const ended = [...state.ended.filter(({ id }) => id !== end.id), end].slice(-kept);
      state = withoutEnded({ ...state, ...part, ended });
      return change({});
    },
  };
}

function withoutEnded(state: JournalState): JournalState {
  const hasEnded = (one: { id: string } | null): boolean => state.ended.some(({ id }) => id === one?.id);
  return {
    ...state,
    restart: hasEnded(state.restart) ? null : state.restart,
    upgrade: hasEnded(state.upgrade) ? null : state.upgrade,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

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
  /** What the last upgrade brought. */
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
  /** Changes it; on the disk when this resolves. */
  change(part: Partial<JournalState>): Promise<void>;
  /** How a directive ended, if it did. */
  endOf(id: string): DirectiveEnd | undefined;
  /** Stores how a directive ended, together with what else changes by that. */
  end(end: DirectiveEnd, part?: Partial<JournalState>): Promise<void>;
}

/** The control plane asks again only for what no report told the end of; that is never so many. */
const kept = 100;

/**
 * Opens the memory of directives.
 *
 * @param path its file; null for none, which lasts as long as the process. One that cannot be understood is begun anew.
 */
export async function openJournal(path: string | null): Promise<Journal> {
  let state: JournalState = { ended: [], restart: null, upgrade: null, upgraded: null, release: null };
  if (path !== null) {
    const parsed = stored.safeParse(jsonOf(await readFile(path, "utf8").catch(() => "")));
    if (parsed.success) state = parsed.data;
  }
  let turn: Promise<unknown> = Promise.resolve();

  async function change(part: Partial<JournalState>): Promise<void> {
    state = { ...state, ...part };
    if (path === null) return;
    const text = `${JSON.stringify(state)}\n`;
    const written = turn.then(() => writeDurably(path, text));
    turn = written.catch(() => {});
    await written;
  }

  return {
    state: () => state,
    change,
    endOf: (id) => state.ended.find((end) => end.id === id),
    end: (end, part = {}) =>
      change({ ...part, ended: [...state.ended.filter(({ id }) => id !== end.id), end].slice(-kept) }),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

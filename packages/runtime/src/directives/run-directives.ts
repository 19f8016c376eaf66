import {
  LobsterError,
  scrubText,
  type Directive,
  type DirectiveEnd,
  type Logger,
} from "@lobstercontrol/core";
import { DirectiveFailed } from "./directive-failed.ts";
import type { Journal, JournalState } from "./journal.ts";

/** How a directive went: a sentence for the admin, and what the journal should know by then. */
export interface Done {
  ok: boolean;
  message: string;
  journal?: Partial<JournalState>;
}

/** Carries directives out, one after another, each once. */
export interface DirectiveRunner {
  /** What the control plane wants, oldest first; what is known already is not done again. */
  take(directives: readonly Directive[]): void;
}

/**
 * Makes the runner.
 *
 * @param options `carryOut` does what one directive is for; what it throws is the end of it
 */
export function createDirectiveRunner(options: {
  journal: Journal;
  carryOut: (directive: Directive) => Promise<Done>;
  onEnd: (end: DirectiveEnd) => void;
  signal: AbortSignal;
  logger: Logger;
}): DirectiveRunner {
  const { journal, carryOut, onEnd, signal, logger } = options;
  const underWay = new Set<string>();
  let turn: Promise<void> = Promise.resolve();

  async function run(directive: Directive): Promise<void> {
    if (signal.aborted) return;
    const { id, kind } = directive;
    logger.info({ directive: id, kind }, "carrying out a directive");
    const done = await carryOut(directive).catch((error: unknown): Done => ({
      ok: false,
      message: reason(error),
    }));
    // A process that is stopping has not carried it out: the next one is asked again.
    if (signal.aborted && !done.ok) return;
    const end = { id, ok: done.ok, message: scrubText(done.message).slice(0, 1_000) };
    try {
      await journal.end(end, done.journal);
    } catch (error) {
      logger.error({ error }, "the end of a directive could not be stored: a restart may do it again");
    }
    logger.info({ directive: id, kind, ok: end.ok }, "a directive has ended");
    onEnd(end);
  }

  return {
    take(directives) {
      for (const directive of directives) {
        const { id } = directive;
        const end = journal.endOf(id);
        if (end !== undefined && !underWay.has(id)) onEnd(end);
        if (end !== undefined || underWay.has(id)) continue;
        underWay.add(id);
        turn = turn.then(() => run(directive)).finally(() => underWay.delete(id));
      }
    },
  };
}

function reason(error: unknown): string {
  if (error instanceof DirectiveFailed) return error.message;
  return LobsterError.isInstance(error) ? `${error.message} ${error.hint}` : "It failed unexpectedly.";
}

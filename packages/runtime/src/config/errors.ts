import { LobsterError } from "@lobstercontrol/core";

/** One thing that is wrong with the environment. */
export interface ConfigProblem {
  /** The variable. */
  name: string;
  /** What is wrong with it; its value is not repeated. */
  problem: string;
}

/** The environment is not one to start with. Everything that is wrong is told at once, and no value is repeated. */
export class ConfigInvalidError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_CONFIG_INVALID";
  /** All that is wrong. */
  readonly problems: readonly ConfigProblem[];

  /** @param context all that is wrong */
  constructor(context: { problems: readonly ConfigProblem[] }) {
    super({
      message: `The configuration cannot be used: ${context.problems
        .map(({ name, problem }) => `${name} ${problem}`)
        .join("; ")}.`,
      hint: "Correct the variables that are named, and start again.",
      retryable: false,
    });
    this.problems = context.problems;
  }
}

import { styleText } from "node:util";
import ora from "ora";

/** Prints the story: steps that take their time, and lines. A person watches, or a file reads. */
export interface Terminal {
  /** A line. */
  line(text?: string): void;
  /** A line about something that is done. */
  done(text: string): void;
  /** Less important than what stands around it. */
  dim(text: string): string;
  /** More important. */
  bold(text: string): string;
  /**
   * A step that takes its time: `work` may tell how far it is, and returns the line that is left of it.
   *
   * @param title what is being done
   */
  step<T>(
    title: string,
    work: (tell: (progress: string) => void) => Promise<{ value: T; done: string }>,
  ): Promise<T>;
}

/** Standard output: a spinner on a terminal, plain lines elsewhere. */
export function createTerminal(): Terminal {
  // A terminal that tells no width cannot be drawn on.
  const live = process.stdout.isTTY && process.stdout.columns > 0 && process.env["CI"] === undefined;
  const style = (format: "dim" | "bold" | "green", text: string): string =>
    styleText(format, text, { stream: process.stdout });
  const done = (text: string): void => console.log(`${style("green", "✔")} ${text}`);
  return {
    line: (text = "") => console.log(text),
    done,
    dim: (text) => style("dim", text),
    bold: (text) => style("bold", text),
    async step(title, work) {
      if (!live) {
        console.log(`… ${title}`);
        const { value, done: finished } = await work((progress) => console.log(`  ${progress}`));
        done(finished);
        return value;
      }
      // Its own handling of Ctrl-C would end the process before the gateway is stopped.
      const spinner = ora({ text: title, stream: process.stdout, discardStdin: false }).start();
      try {
        const { value, done: finished } = await work((progress) => (spinner.text = progress));
        spinner.succeed(finished);
        return value;
      } catch (error) {
        spinner.stop();
        throw error;
      }
    },
  };
}

/**
 * What a test asks of the model provider, written as words into the text of a request.
 *
 * | word | effect |
 * | --- | --- |
 * | `FAIL=500` | answers with this status, always |
 * | `FAILONCE=500` | answers with this status the first time this very text is seen |
 * | `HANG` | does not answer until `release` is called |
 * | `DELAY=250` | waits so many milliseconds before it answers |
 * | `GAP=50` | waits so many milliseconds between the pieces of its answer |
 * | `DROP` | closes the connection without an answer |
 * | `SAY=word`, `SAY="some words"` | replies with this |
 * | `EMPTY` | replies with nothing |
 * | `CALL=tool`, `ARGS={"a":1}` | wants this tool called, once: what it has to say comes after the tool's answer |
 * | `LENGTH` | ends the reply as one that was cut for its length |
 */
export interface Directives {
  /** Status of every answer. */
  fail?: number;
  /** Status of the first answer. */
  failOnce?: number;
  /** Whether it waits to be released. */
  hang: boolean;
  /** Milliseconds before it answers. */
  delayMs: number;
  /** Milliseconds between the pieces of the answer. */
  gapMs: number;
  /** Whether the connection is closed. */
  drop: boolean;
  /** The reply; empty for none. */
  say?: string;
  /** The tool that is wanted, and its arguments as JSON without spaces. */
  tool?: { name: string; arguments: string };
  /** Whether the reply counts as cut. */
  length: boolean;
}

/**
 * The directives in a text.
 *
 * @param text what the user wrote, see `userText`
 */
export function directivesIn(text: string): Directives {
  const valueOf = (word: string) => new RegExp(`(?<![\\w"])${word}=(?:"([^"]*)"|(\\S+))`).exec(text);
  const has = (word: string) => new RegExp(`(?<![\\w"=])${word}(?![\\w"=])`).test(text);
  const numberOf = (word: string) => {
    const match = valueOf(word);
    return match === null ? undefined : Number(match[1] ?? match[2]);
  };
  const fail = numberOf("FAIL");
  const failOnce = numberOf("FAILONCE");
  const said = valueOf("SAY");
  const tool = valueOf("CALL")?.[2];
  const say = has("EMPTY") ? "" : (said?.[1] ?? said?.[2]);
  return {
    hang: has("HANG"),
    delayMs: numberOf("DELAY") ?? 0,
    gapMs: numberOf("GAP") ?? 0,
    drop: has("DROP"),
    length: has("LENGTH"),
    ...(fail === undefined ? {} : { fail }),
    ...(failOnce === undefined ? {} : { failOnce }),
    ...(say === undefined ? {} : { say }),
    ...(tool === undefined ? {} : { tool: { name: tool, arguments: valueOf("ARGS")?.[2] ?? "{}" } }),
  };
}

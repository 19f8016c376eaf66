/**
 * What a test asks of the model provider, written as words into the text of a request.
 *
 * | word | effect |
 * | --- | --- |
 * | `FAIL=500` | answers with this status, always |
 * | `FAILONCE=500` | answers with this status the first time this very text is seen |
 * | `HANG` | never answers |
 * | `DELAY=250` | waits so many milliseconds before it answers |
 * | `DROP` | closes the connection without an answer |
 * | `SAY=word`, `SAY="some words"` | replies with this |
 * | `EMPTY` | replies with nothing |
 * | `LENGTH` | ends the reply as one that was cut for its length |
 */
export interface Directives {
  /** Status of every answer. */
  fail?: number;
  /** Status of the first answer. */
  failOnce?: number;
  /** Whether it never answers. */
  hang: boolean;
  /** Milliseconds before it answers. */
  delayMs: number;
  /** Whether the connection is closed. */
  drop: boolean;
  /** The reply; empty for none. */
  say?: string;
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
  const say = has("EMPTY") ? "" : (said?.[1] ?? said?.[2]);
  return {
    hang: has("HANG"),
    delayMs: numberOf("DELAY") ?? 0,
    drop: has("DROP"),
    length: has("LENGTH"),
    ...(fail === undefined ? {} : { fail }),
    ...(failOnce === undefined ? {} : { failOnce }),
    ...(say === undefined ? {} : { say }),
  };
}

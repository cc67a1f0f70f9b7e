/** Tags that models write their reasoning between where the engine does not take it out (vLLM's `--reasoning-parser`). */
const TAGS: readonly (readonly [string, string])[] = [
  ["<think>", "</think>"],
  ["<thinking>", "</thinking>"],
  ["<thought>", "</thought>"],
  ["<reasoning>", "</reasoning>"],
  ["[THINK]", "[/THINK]"],
  ["◁think▷", "◁/think▷"],
];

/**
 * A closing tag at the end of its line or alone at its beginning, as models write it; in a sentence, in backticks or in
 * a JSON string it is text about such tags.
 */
const CLOSING_LINE =
  /^(?:<\/(?:think|thinking|thought|reasoning)>|\[\/THINK\]|◁\/think▷)|(?<!`)(?:<\/(?:think|thinking|thought|reasoning)>|\[\/THINK\]|◁\/think▷)[ \t]*$/m;

/** Lines that begin or end a code block. */
const FENCES = /^ {0,3}(?:```|~~~)/gm;

/**
 * A whole answer without the reasoning before it: between tags, or up to a closing tag whose opening one the chat
 * template wrote into the prompt (DeepSeek-R1, QwQ, Qwen3-Thinking). Empty where the reasoning has no end.
 */
export function withoutReasoning(text: string): string {
  const start = text.trimStart();
  for (const [open, close] of TAGS) {
    if (!start.startsWith(open)) continue;
    const end = start.indexOf(close, open.length);
    return end === -1 ? "" : start.slice(end + close.length).trimStart();
  }
  const end = unopenedEnd(start);
  return end === undefined ? text : start.slice(end).trimStart();
}

/** Index after a closing tag without an opening one; `undefined` where there is none outside of code blocks. */
function unopenedEnd(text: string): number | undefined {
  const found = CLOSING_LINE.exec(text);
  if (found === null) return undefined;
  const before = text.slice(0, found.index);
  const inCode = (before.match(FENCES)?.length ?? 0) % 2 === 1;
  return inCode ? undefined : found.index + found[0].length;
}

export interface ReasoningFilterOptions {
  /** Whether answers of this model begin inside the reasoning, which the chat template opened in the prompt. */
  readonly opened: boolean;
  /** Called where an answer showed that `opened` is wrong. */
  readonly onOpened: (opened: boolean) => void;
}

/**
 * Takes the reasoning out of a streamed answer: nothing of it is given, and the answer's text is given as it comes. Of a
 * model that is not known to begin inside its reasoning, the first such answer is an error once it is over.
 */
export class ReasoningFilter {
  readonly #options: ReasoningFilterOptions;
  /** Everything that came. */
  #text = "";
  /** Whether the answer's text has begun. */
  #answers = false;

  constructor(options: ReasoningFilterOptions) {
    this.#options = options;
  }

  /** What may be shown after this piece. */
  push(piece: string): string {
    this.#text += piece;
    if (this.#answers) return piece;
    const start = this.#text.trimStart();
    const answer = withoutReasoning(start);
    const reasons = this.#options.opened || TAGS.some(([open]) => start.startsWith(open));
    // Whether a tag ends its line is known once text follows it.
    const holds = reasons ? answer === "" || answer === start : TAGS.some(([open]) => open.startsWith(start));
    if (holds) return "";
    this.#answers = true;
    return reasons ? answer : this.#text;
  }

  /**
   * What is left after the last piece: nothing where the reasoning did not end.
   * @param complete whether the answer was not cut off
   * @throws Error where reasoning was shown, because its opening tag is missing
   */
  end(complete: boolean): string {
    const { opened, onOpened } = this.#options;
    const answer = withoutReasoning(this.#text);
    if (this.#answers) {
      const start = this.#text.trimStart();
      if (opened || TAGS.some(([open]) => start.startsWith(open)) || answer === this.#text) return "";
      onOpened(true);
      throw new Error("the answer begins inside its reasoning");
    }
    if (!opened || answer !== this.#text) return answer;
    // Cut off inside the reasoning, or an answer without any.
    if (complete) onOpened(false);
    return complete ? answer : "";
  }
}

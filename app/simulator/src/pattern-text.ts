import { badRequest } from "./vllm-error";

/** Repetitions of what may repeat without end. */
const USUAL_REPETITIONS = 3;
const CLASSES = new Map(Object.entries({ d: "0", w: "a", s: " ", n: "\n", t: "\t" }));

/**
 * A text that a regular expression of JSON schema matches: literals, classes, groups, alternatives and quantifiers. The
 * first alternative and the first character of a class are taken.
 * @throws VllmError 400 for what it does not support, such as look-around
 */
export function textByPattern(pattern: string): string {
  const reader = new PatternReader(pattern);
  const text = reader.alternatives();
  if (!reader.atEnd || !new RegExp(pattern, "u").test(text)) throw unknown(pattern);
  return text;
}

function unknown(pattern: string) {
  return badRequest(`The simulator generates no text for the pattern ${JSON.stringify(pattern)}.`, "response_format");
}

class PatternReader {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  get atEnd(): boolean {
    return this.#at >= this.#pattern.length;
  }

  alternatives(): string {
    const first = this.#sequence();
    while (this.#take("|")) this.#sequence();
    return first;
  }

  #sequence(): string {
    let text = "";
    while (!this.atEnd && !"|)".includes(this.#pattern.charAt(this.#at))) {
      if (this.#take("^") || this.#take("$")) continue;
      const unit = this.#unit();
      text += unit.repeat(this.#repetitions());
    }
    return text;
  }

  #unit(): string {
    if (this.#take("(")) {
      if (this.#take("?") && !this.#take(":")) throw unknown(this.#pattern);
      const inner = this.alternatives();
      if (!this.#take(")")) throw unknown(this.#pattern);
      return inner;
    }
    if (this.#take("[")) return this.#class();
    if (this.#take("\\")) return this.#escaped();
    return this.#take(".") ? "a" : this.#next();
  }

  #class(): string {
    if (this.#take("^")) throw unknown(this.#pattern);
    const first = this.#take("\\") ? this.#escaped() : this.#next();
    while (!this.#take("]")) {
      if (this.#take("\\")) this.#escaped();
      else this.#next();
    }
    return first;
  }

  #escaped(): string {
    const character = this.#next();
    if (/[bBDSWpPuxk1-9]/.test(character)) throw unknown(this.#pattern);
    return CLASSES.get(character) ?? character;
  }

  #repetitions(): number {
    if (this.#take("?")) return 0;
    if (this.#take("*") || this.#take("+")) {
      this.#take("?");
      return USUAL_REPETITIONS;
    }
    const counted = /^\{(\d+)(?:(,)(\d*))?\}/.exec(this.#pattern.slice(this.#at));
    if (counted === null) return 1;
    this.#at += counted[0].length;
    return Number(counted[1]);
  }

  #take(character: string): boolean {
    if (this.#pattern.charAt(this.#at) !== character) return false;
    this.#at += 1;
    return true;
  }

  #next(): string {
    if (this.atEnd) throw unknown(this.#pattern);
    const character = String.fromCodePoint(this.#pattern.codePointAt(this.#at) ?? 0);
    this.#at += character.length;
    return character;
  }
}

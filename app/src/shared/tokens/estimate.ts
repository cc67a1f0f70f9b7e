/**
 * Tokens of a text without a tokenizer: one pass over its characters, by script. The coefficients are a least-squares
 * fit of the relative error against Gemma 3's own tokenizer (262,144 entries) over windows of 120 to 1,500 characters of
 * Korean prose and documents, English prose and documentation, TypeScript, JavaScript, Python, unified diffs and JSON.
 * Total error by kind on the windows fitted to: -4.7 % (JSON) to +1.9 % (Python); 90 % of 1,500-character windows are
 * within 12 %, of 600-character Korean ones full of tables within 23 %. `test/tokens` holds the error on other texts.
 * Models with smaller vocabularies (Mistral, Llama 2) need more tokens for Hangul than this estimate.
 */
const WEIGHTS = {
  /** A run of Latin letters. */
  word: 0.96,
  /** Each letter of it after the sixth, in lower case. */
  longWordLetter: 0.18,
  /** Each further capital in a row. */
  capital: 0.13,
  /** A capital after a lower-case letter begins a word of its own. */
  hump: 1.07,
  /** Gemma splits numbers into digits. */
  digit: 1.21,
  /** A punctuation mark; a different one directly after it is mostly merged with it. */
  punctuation: 1.14,
  /** Each repetition of the same mark. */
  repeatedMark: 0.4,
  /** First syllable of a run of Hangul. */
  hangulFirst: 0.52,
  /** Each further one. */
  hangulMore: 0.83,
  /** A Han or Kana character. */
  han: 0.59,
  /** Two spaces or more: indentation. A single space is part of the word after it. */
  spaces: 1.35,
  /** Any other script or symbol, per UTF-16 unit. Not fitted: between Cyrillic (0.4) and symbols (1). */
  other: 0.7,
} as const;

/** By how much an estimate may be off, as a share, for a whole prompt. Held by `test/tokens`. */
export const ESTIMATE_ERROR_SHARE = 0.15;

/**
 * Characters of which a tokenizer makes at least one token: Gemma's longest are 31 spaces or line ends. Without this, four
 * million line ends would take none, fit every budget, and be sent on.
 */
const MOST_CHARS_OF_A_TOKEN = 32;

/** Lower-case letters that a word has for one token. */
const SHORT_WORD_LETTERS = 6;

const SPACE = 1;
const LINE = 2;
const DIGIT = 3;
const UPPER = 4;
const LOWER = 5;
const MARK = 6;
const HANGUL = 7;
const HAN = 8;
const OTHER = 9;

/** Class of each ASCII character. */
const ASCII = Uint8Array.from({ length: 128 }, (_, code) => {
  if (code === 0x20) return SPACE;
  if (code < 0x20) return LINE;
  if (code >= 0x30 && code <= 0x39) return DIGIT;
  if (code >= 0x41 && code <= 0x5a) return UPPER;
  if (code >= 0x61 && code <= 0x7a) return LOWER;
  return MARK;
});

function classOf(code: number): number {
  if (code < 128) return ASCII[code] ?? MARK;
  if (code >= 0xac00 && code <= 0xd7a3) return HANGUL;
  if ((code >= 0x4e00 && code <= 0x9fff) || (code >= 0x3040 && code <= 0x30ff) || (code >= 0x3400 && code <= 0x4dbf))
    return HAN;
  // Latin with diacritics; everything else has its own words.
  return code >= 0xc0 && code <= 0x24f ? LOWER : OTHER;
}

/**
 * What one more character adds.
 * @param run characters of the same kind in a row, this one included
 */
function weightOf(kind: number, previousKind: number, run: number, repeated: boolean): number {
  switch (kind) {
    case LOWER:
      if (run === 1) return WEIGHTS.word;
      return run > SHORT_WORD_LETTERS ? WEIGHTS.longWordLetter : 0;
    case UPPER:
      if (previousKind === LOWER) return WEIGHTS.hump;
      return run === 1 ? WEIGHTS.word : WEIGHTS.capital;
    case DIGIT:
      return WEIGHTS.digit;
    case MARK:
      if (run === 1) return WEIGHTS.punctuation;
      return repeated ? WEIGHTS.repeatedMark : 0;
    case HANGUL:
      return run === 1 ? WEIGHTS.hangulFirst : WEIGHTS.hangulMore;
    case HAN:
      return WEIGHTS.han;
    case SPACE:
      return run === 2 ? WEIGHTS.spaces : 0;
    case OTHER:
      return WEIGHTS.other;
    default:
      return 0;
  }
}

interface Scan {
  readonly tokens: number;
  /** UTF-16 units that were read before the limit was passed; all of them where it was not. */
  readonly length: number;
}

/** Adds up characters until the sum would round up to more than `limit`. */
function scan(text: string, limit: number): Scan {
  let tokens = 0;
  let previousKind = 0;
  let previousCode = 0;
  let run = 0;
  const end = Math.max(0, Math.min(text.length, Math.floor(limit * MOST_CHARS_OF_A_TOKEN)));
  for (let index = 0; index < end; index += 1) {
    const code = text.charCodeAt(index);
    const kind = classOf(code);
    // A lower-case letter goes on with the word that a capital began.
    run = kind === previousKind || (kind === LOWER && previousKind === UPPER) ? run + 1 : 1;
    const next = tokens + weightOf(kind, previousKind, run, code === previousCode);
    if (next > limit) return { tokens, length: index };
    tokens = next;
    previousKind = kind;
    previousCode = code;
  }
  return { tokens: Math.max(tokens, end / MOST_CHARS_OF_A_TOKEN), length: end };
}

/** Tokens that a text will take, rounded up. About 5 ns a character. */
export function estimateTokens(text: string): number {
  return Math.ceil(scan(text, Number.POSITIVE_INFINITY).tokens);
}

/** Tokens of a text, not rounded: those of lines add up. Of more than `most`, some number above it: the rest is not read. */
export function tokensUpTo(text: string, most: number): number {
  const { tokens, length } = scan(text, most);
  return length < text.length ? most + 1 : tokens;
}

/** Tokens of a text by what its start takes, for texts that are too long to be read: 100,000 characters are. */
export function roughTokens(text: string): number {
  if (text.length <= ROUGH_CHARS) return estimateTokens(text);
  return Math.ceil((scan(text.slice(0, ROUGH_CHARS), Number.POSITIVE_INFINITY).tokens * text.length) / ROUGH_CHARS);
}

const ROUGH_CHARS = 100_000;

/** Whether a text takes more tokens than that. Reads no further than it must, however long the text is. */
export function exceedsTokens(text: string, tokens: number): boolean {
  return tokens < 0 || scan(text, tokens).length < text.length;
}

/** The longest start of a text, in whole lines where possible, that is estimated to fit. */
export function fitTokens(text: string, tokens: number): { readonly text: string; readonly cut: boolean } {
  const { length } = scan(text, tokens);
  if (length === text.length) return { text, cut: false };
  const lineEnd = text.lastIndexOf("\n", length);
  if (lineEnd > length / 2) return { text: text.slice(0, lineEnd), cut: true };
  const last = text.charCodeAt(length - 1);
  const tornPair = last >= 0xd800 && last <= 0xdbff;
  return { text: text.slice(0, tornPair ? length - 1 : length), cut: true };
}

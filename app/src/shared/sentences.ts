/** Sentence boundaries of UAX #29; the same for every language that is written with spaces or full stops. */
const SEGMENTER = new Intl.Segmenter("en", { granularity: "sentence" });

/** White space after a full stop: UAX #29 sees no boundary before a lower-case letter, nor before a number and one. */
const AFTER_STOP = /(?=[\p{Ll}\d(])(?<=\.["'”’)\]]{0,2}\s{1,3})/u;

/** Abbreviations that end no sentence. */
const ABBREVIATIONS: ReadonlySet<string> = new Set(
  "mr. mrs. ms. dr. prof. sr. st. mt. ft. gen. sen. rep. gov. lt. col. capt. sgt. maj. rev. hon. pres. e.g. i.e. cf. vs. v. al. viz. ca. approx. dept. est. resp. incl. excl.".split(
    " ",
  ),
);
/** Abbreviations before a number. */
const BEFORE_NUMBERS: ReadonlySet<string> = new Set(
  "no. nos. vol. fig. figs. eq. sec. ch. p. pp. art. para. tab. jan. feb. mar. apr. jun. jul. aug. sep. sept. oct. nov. dec.".split(
    " ",
  ),
);
/** Abbreviations that may end a sentence, as initials and acronyms with full stops may. */
const MAY_END: ReadonlySet<string> = new Set("inc. corp. co. ltd. bros. jr. etc. ph.d. b.sc. m.sc.".split(" "));
const INITIALS = /^(?:[A-Z]\.|(?:[A-Za-z]\.){2,})$/;
/** Words that begin a sentence and no name: what follows "the U.S." or "Apple Inc." may be part of it. */
const STARTER =
  /^["'“‘(]?(?:the|a|an|it|its|he|she|his|her|they|their|we|our|you|your|i|this|that|these|those|there|here|in|on|at|for|from|by|with|to|as|if|when|while|after|before|since|because|but|and|so|or|yet|however|then|now|both|each|some|many|most|all|no|not|what|why|how|who|where)\b/i;

/** A sentence that is only the number of a list's item. */
const ITEM_NUMBER = /^["'“(]?(?:\d{1,3}|[A-Za-z가나다라마바]|[ivx]{1,4}|[IVX]{1,4})[.)]$/;
/** The beginning of an item: b) or (b). */
const ITEM = /^\(?[a-z]\)\s/;
/** The Korean form of a date: 2026. 11. 29. */
const DATE = /\d{4}\.\s?\d{1,2}\.(?:\s?\d{1,2}\.)?$/;
const HANGUL = /^[가-힣]/;
/** What continues a quoted sentence in Korean: “갔다.” 라고 말했다. */
const QUOTATIVE = /^(?:이?라고|이?라며|이?라는|이?라면서|하고|하며|고)[\s,]/;
const ENDS_QUOTED = /[.!?。！？…]["'”’)\]」』]+$/;
const KOREAN_END = /[가-힣]["'”’)\]]*[.!?。！？…]+$/;

/** Characters of a sentence's end in which the rules look. */
const TAIL = 40;

/**
 * A text's sentences, trimmed: by Unicode's rules and at line ends, but not after abbreviations, initials, numbers of
 * items and dates, nor inside quotations that go on, in English and Korean.
 * @param most stops after so many
 */
export function splitSentences(text: string, most = Number.POSITIVE_INFINITY): string[] {
  const sentences: string[] = [];
  let parts: string[] = [];
  let tail = "";
  for (const piece of pieces(text)) {
    if (!goesOn({ first: parts[0] ?? "", tail }, piece)) {
      const sentence = parts.join("").trim();
      if (sentence !== "" && sentences.push(sentence) >= most) return sentences;
      parts = [];
      tail = "";
    }
    parts.push(piece);
    tail = (tail + piece).slice(-TAIL);
  }
  const last = parts.join("").trim();
  return last === "" ? sentences : [...sentences, last];
}

/** The first `count` sentences of a text, the text itself where it has no more. */
export function firstSentences(text: string, count: number): string {
  const sentences = splitSentences(text, count + 1);
  return sentences.length <= count ? text.trim() : sentences.slice(0, count).join(" ");
}

/** A line with its end, and in no group what follows up to the next text: each empty line would be a sentence's segment. */
const LINES = /([^\n\r\u2028\u2029]*(?:\r\n|[\n\r\u2028\u2029]))\s*|[^\n\r\u2028\u2029]+/g;
/** Characters that are segmented at once: Node takes time by the square of their number. */
const WINDOW = 2_000;

function* pieces(text: string): Generator<string> {
  for (const [last, line = last] of text.matchAll(LINES)) {
    for (const segment of segments(line)) yield* segment.split(AFTER_STOP);
  }
}

/** The segments of a line, a window at a time; one that fills its window is looked at again in a larger one. */
function* segments(line: string): Generator<string> {
  let size = WINDOW;
  for (let start = 0; start < line.length; ) {
    const window = line.slice(start, start + size);
    const found = Array.from(SEGMENTER.segment(window), ({ segment }) => segment);
    const isLast = start + size >= line.length;
    if (!isLast && found.length === 1) {
      size *= 2;
      continue;
    }
    const whole = isLast ? found : found.slice(0, -1);
    yield* whole;
    start += whole.reduce((sum, { length }) => sum + length, 0);
    size = WINDOW;
  }
}

/** Whether a sentence that seems to end goes on with the next piece. @param sentence its first piece, and its end */
function goesOn({ first, tail }: { readonly first: string; readonly tail: string }, piece: string): boolean {
  const end = tail.trimEnd();
  const gap = tail.slice(end.length);
  const next = piece.slice(0, TAIL).trimStart();
  if (end === "" || /[\n\r\u2028\u2029]/.test(gap)) return false;
  const bare = end.replace(/["'”’)\]]+$/, "");
  if (first.trim() === end && ITEM_NUMBER.test(end)) return true;
  if (ENDS_QUOTED.test(end) && (gap === "" ? HANGUL.test(next) : QUOTATIVE.test(next))) return true;
  if (gap === "" && HANGUL.test(next)) return !KOREAN_END.test(end);
  if (bare.endsWith(".") && isAbbreviated(bare, next)) return true;
  if (!/^[("'“‘]?\p{Ll}/u.test(next) || ITEM.test(next)) return false;
  // Who begins sentences in lower case begins the next one so too.
  return !/^\s*\p{Ll}/u.test(first) || /(?:[!?…]|\.\.)["'”’)\]]*$/.test(end);
}

function isAbbreviated(end: string, next: string): boolean {
  const word = (/[^\s("“[]*$/.exec(end)?.[0] ?? "").replace(/^['‘]+/, "");
  const lower = word.toLowerCase();
  if (ABBREVIATIONS.has(lower)) return true;
  if (BEFORE_NUMBERS.has(lower)) return /^\d/.test(next);
  if (DATE.test(end)) return /^[가-힣\d(]/.test(next);
  if (/^\d{4}\.$/.test(word) && /^\d{1,2}\./.test(next)) return true;
  return (INITIALS.test(word) || MAY_END.has(lower)) && (/^\p{Ll}/u.test(next) || !STARTER.test(next));
}

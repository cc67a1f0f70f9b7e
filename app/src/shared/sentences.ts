/**
 * A text's sentences, trimmed: cut after `.`, `!`, `?` and their full-width forms where white space or the end follows,
 * and at line ends. A decimal point or a version number has no space after it, so it cuts nothing.
 */
export function splitSentences(text: string): string[] {
  return text
    .split(/(?<=[.!?。！？]["'”’)\]]?)\s+|\n+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "");
}

/** The first `count` sentences of a text, the text itself where it has no more. */
export function firstSentences(text: string, count: number): string {
  const sentences = splitSentences(text);
  return sentences.length <= count ? text.trim() : sentences.slice(0, count).join(" ");
}

import { splitSentences } from "../../shared/sentences";
import type { InterviewMaterial } from "./prompts/interview-prompts";

export interface SimpleQuestion {
  readonly question: string;
  readonly answer: string;
  readonly difficulty: number;
}

const FORM = {
  ko: (subject: string) => `다음 내용을 설명해 주세요: ${subject}`,
  en: (subject: string) => `Explain this: ${subject}`,
} as const;

/** Most characters of a sentence in a question. */
const SUBJECT_CHARS = 120;
/** Characters of a text in which its first sentences are looked for. */
const TEXT_CHARS = 20_000;
/** Shorter ones are headings and fragments. */
const SHORTEST_SENTENCE = 15;

/** Questions without a model, while the instance is degraded: one for each of the texts' own sentences. */
export function simpleInterview({ language, level, count, til, notes }: InterviewMaterial): SimpleQuestion[] {
  const texts = til === undefined ? notes.map((note) => note.text) : [til.body];
  const sentences = texts
    .map((text) => text.slice(0, TEXT_CHARS))
    .flatMap((text) => splitSentences(text.replace(/^#+ .*$/gm, "").replace(/^\s*[-*] /gm, "")))
    .filter((sentence) => sentence.length >= SHORTEST_SENTENCE);
  return [...new Set(sentences)].slice(0, count).map((sentence) => ({
    question: FORM[language](sentence.slice(0, SUBJECT_CHARS)),
    answer: sentence,
    difficulty: level,
  }));
}

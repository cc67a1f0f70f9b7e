import type { Retrieval } from "../../retrieval/retrieval";
import { dot } from "../../shared/vector";
import { distinctIndices, sameText } from "./distinct-questions";
import type { AboutText } from "./interview-material";

export interface Question {
  readonly question: string;
  readonly answer: string;
  readonly difficulty: number;
}

/** A question with what it rests on. */
export interface JudgedQuestion extends Question {
  /** Stored texts that it rests on, the nearest first. */
  readonly source_ids: readonly string[];
  /** Calibrated cosine to the nearest text; null where it could not be compared. */
  readonly similarity: number | null;
}

export interface JudgeQuestionsOptions {
  /** Vectors of texts that can be compared. @default texts are only compared letter by letter */
  readonly compare?: Retrieval["comparable"] | undefined;
  readonly onCompareError: (cause: unknown) => void;
  readonly signal: AbortSignal;
}

/** Questions that differ, each with its sources; `compared` is false where only their letters could be compared. */
export async function judgeQuestions(
  questions: readonly Question[],
  sources: readonly AboutText[],
  { compare, onCompareError, signal }: JudgeQuestionsOptions,
): Promise<{ readonly questions: readonly JudgedQuestion[]; readonly compared: boolean }> {
  const asks = (index: number) => questions[index]?.question ?? "";
  const different = distinctIndices(questions.length, (other, index) => sameText(asks(other), asks(index))).flatMap(
    (index) => questions[index] ?? [],
  );
  if (compare === undefined) return { questions: different.map(unjudged(sources)), compared: false };
  try {
    const count = different.length;
    const texts = [
      ...different.map(({ question }) => question),
      ...different.map(({ answer }) => answer),
      ...different.map(({ question, answer }) => `${question}\n${answer}`),
      ...sources.map(({ text }) => text),
    ];
    const { vectors, nearDuplicate, evidence } = await compare(texts, signal);
    const near = (left: number, right: number) => closeness(vectors[left], vectors[right]) >= nearDuplicate;
    // Questions of one form are spelt alike whatever their subject; only one that is also answered alike is a duplicate.
    const kept = distinctIndices(count, (other, index) => near(other, index) && near(count + other, count + index));
    const whole = vectors.slice(2 * count, 3 * count);
    const about = vectors.slice(3 * count);
    const judged = kept.flatMap((index) => {
      const [question, vector] = [different[index], whole[index]];
      return question === undefined || vector === undefined
        ? []
        : [{ ...question, ...restsOn(vector, about, sources, evidence) }];
    });
    return { questions: judged, compared: true };
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    onCompareError(thrown);
    return { questions: different.map(unjudged(sources)), compared: false };
  }
}

/** The sources that a question rests on: the nearest, and all that are near enough. */
function restsOn(
  vector: Float32Array,
  about: readonly Float32Array[],
  sources: readonly AboutText[],
  threshold: number,
): Pick<JudgedQuestion, "source_ids" | "similarity"> {
  const scores = about
    .map((source, index) => ({ id: sources[index]?.id, score: dot(vector, source) }))
    .sort((left, right) => right.score - left.score);
  const nearest = scores[0];
  const speaking = scores.filter(({ score }, rank) => rank === 0 || score >= threshold);
  return {
    source_ids: speaking.flatMap(({ id }) => id ?? []),
    similarity: nearest === undefined ? null : Math.round(nearest.score * 1_000) / 1_000,
  };
}

function closeness(left: Float32Array | undefined, right: Float32Array | undefined): number {
  return left === undefined || right === undefined ? 0 : dot(left, right);
}

/** Without a comparison, every source may have been the one. */
function unjudged(sources: readonly AboutText[]) {
  const ids = sources.flatMap(({ id }) => id ?? []);
  return (question: Question): JudgedQuestion => ({ ...question, source_ids: ids, similarity: null });
}

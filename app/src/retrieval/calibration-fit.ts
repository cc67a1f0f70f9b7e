import { dot, mean, normalize, subtract } from "../shared/vector";
import type { Figures, Thresholds } from "./calibration";
import { type LabelledText, labelOf, type PairLabel } from "./labelled-pairs";

/**
 * Share of pairs that are not the same of which a merge threshold may take some for the same. A wrong merge loses a
 * text.
 */
const FALSE_MERGES = 0.005;
/** Texts of a group whose consistency is measured: the least evidence of a strength. */
const GROUP = 3;

type Scores = Readonly<Record<PairLabel, readonly number[]>>;

/** What a fit gives: the corpus mean, thresholds for cosines after its subtraction, and how well they separate. */
export interface Fit {
  readonly mean: Float32Array;
  readonly thresholds: Thresholds;
  readonly figures: Figures;
}

/**
 * Fits an embedder's mean and thresholds to labelled texts. Every second topic of a language is held out: thresholds
 * come from the others, and the figures are of those held out. The mean, which uses no label, is of all.
 * @param vectors one for each text, of length 1
 */
export function fitCalibration(texts: readonly LabelledText[], vectors: readonly Float32Array[]): Fit {
  const centre = mean(vectors);
  const centred = vectors.map((vector) => normalize(subtract(vector, centre)));
  const heldOut = everySecondTopic(texts);
  const part = (held: boolean) => {
    const chosen = texts.flatMap((text, index) => (heldOut.has(text.topic) === held ? [index] : []));
    return { texts: chosen.map((index) => texts[index]), vectors: chosen.map((index) => centred[index]) };
  };
  const fitted = scoresOf(part(false));
  const checked = scoresOf(part(true));
  const all = scoresOf({ texts, vectors: centred });

  const evidence = bestSplit([...fitted.same, ...fitted.related], fitted.different);
  const mergeWithOverlap = bestSplit(fitted.same, [...fitted.related, ...fitted.different]);
  // No false merge among the pairs, so over all of them.
  const merge = Math.max(mergeWithOverlap, quantile([...all.related, ...all.different], 1 - FALSE_MERGES));
  const consistency = bestSplit(...groupScores(texts, centred, heldOut));
  const thresholds = { evidence, merge, mergeWithOverlap, nearDuplicate: mergeWithOverlap, consistency };
  return {
    mean: centre,
    thresholds: {
      evidence: rounded(thresholds.evidence),
      merge: rounded(thresholds.merge),
      mergeWithOverlap: rounded(thresholds.mergeWithOverlap),
      nearDuplicate: rounded(thresholds.nearDuplicate),
      consistency: rounded(thresholds.consistency),
    },
    figures: {
      texts: texts.length,
      pairs: { same: all.same.length, related: all.related.length, different: all.different.length },
      meanCosine: {
        same: rounded(average(all.same)),
        related: rounded(average(all.related)),
        different: rounded(average(all.different)),
      },
      balancedAccuracyHeldOut: {
        evidence: rounded(balancedAccuracy([...checked.same, ...checked.related], checked.different, evidence)),
        mergeWithOverlap: rounded(
          balancedAccuracy(checked.same, [...checked.related, ...checked.different], mergeWithOverlap),
        ),
      },
      mergeRecall: rounded(shareAbove(all.same, merge)),
    },
  };
}

function everySecondTopic(texts: readonly LabelledText[]): ReadonlySet<string> {
  const byLanguage = new Map<string, Set<string>>();
  for (const { language, topic } of texts) {
    byLanguage.set(language, (byLanguage.get(language) ?? new Set()).add(topic));
  }
  const topics = [...byLanguage.values()].flatMap((names) => [...names].filter((_name, index) => index % 2 === 1));
  return new Set(topics);
}

interface Part {
  readonly texts: readonly (LabelledText | undefined)[];
  readonly vectors: readonly (Float32Array | undefined)[];
}

function scoresOf({ texts, vectors }: Part): Scores {
  const scores: Record<PairLabel, number[]> = { same: [], related: [], different: [] };
  for (const [index, left] of texts.entries()) {
    for (let other = index + 1; other < texts.length; other += 1) {
      const right = texts[other];
      const [leftVector, rightVector] = [vectors[index], vectors[other]];
      if (!left || !right || !leftVector || !rightVector) continue;
      const label = labelOf(left, right);
      if (label !== undefined) scores[label].push(dot(leftVector, rightVector));
    }
  }
  return scores;
}

/** Mean pairwise cosines of groups: of one topic, and of as many topics of a language as a group has texts. */
function groupScores(
  texts: readonly LabelledText[],
  vectors: readonly Float32Array[],
  heldOut: ReadonlySet<string>,
): [alike: number[], unlike: number[]] {
  const chosen = texts
    .map((text, index) => ({ text, vector: vectors[index] }))
    .filter(({ text }) => !heldOut.has(text.topic));
  const alike: number[] = [];
  const unlike: number[] = [];
  const groups = (from: number, group: readonly (typeof chosen)[number][]): void => {
    if (group.length === GROUP) {
      const topics = new Set(group.map(({ text }) => text.topic)).size;
      const target = topics === 1 ? alike : topics === GROUP ? unlike : undefined;
      target?.push(consistencyOf(group.flatMap(({ vector }) => vector ?? [])));
      return;
    }
    for (let index = from; index < chosen.length; index += 1) {
      const next = chosen[index];
      if (next !== undefined && next.text.language === (group[0] ?? next).text.language)
        groups(index + 1, [...group, next]);
    }
  };
  groups(0, []);
  return [alike, unlike];
}

/** Mean pairwise cosine of vectors of length 1: how much they are about one thing. */
export function consistencyOf(vectors: readonly Float32Array[]): number {
  const scores = vectors.flatMap((left, index) => vectors.slice(index + 1).map((right) => dot(left, right)));
  return average(scores);
}

/**
 * The value that best separates the upper scores from the lower: of all between two scores the one of most balanced
 * accuracy.
 */
export function bestSplit(upper: readonly number[], lower: readonly number[]): number {
  const above = [...upper].sort((left, right) => left - right);
  const below = [...lower].sort((left, right) => left - right);
  const values = [...new Set([...above, ...below])].sort((left, right) => left - right);
  let best = { split: values[0] ?? 0, accuracy: 0 };
  let [belowUpper, belowLower] = [0, 0];
  for (const [index, value] of values.entries()) {
    while ((above[belowUpper] ?? Number.POSITIVE_INFINITY) < value) belowUpper += 1;
    while ((below[belowLower] ?? Number.POSITIVE_INFINITY) < value) belowLower += 1;
    const accuracy = (1 - belowUpper / above.length + belowLower / below.length) / 2;
    if (accuracy > best.accuracy) best = { split: (value + (values[index - 1] ?? value)) / 2, accuracy };
  }
  return best.split;
}

export function balancedAccuracy(upper: readonly number[], lower: readonly number[], split: number): number {
  return (shareAbove(upper, split) + 1 - shareAbove(lower, split)) / 2;
}

function shareAbove(scores: readonly number[], split: number): number {
  return scores.filter((score) => score >= split).length / scores.length;
}

function quantile(scores: readonly number[], share: number): number {
  const sorted = [...scores].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length))] ?? 0;
}

function average(scores: readonly number[]): number {
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

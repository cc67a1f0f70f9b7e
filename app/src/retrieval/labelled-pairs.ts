import { z } from "zod";

/** Topics of statements, each statement worded in several ways; see `calibrations/statements.json`. */
export const statementsSchema = z.object({
  topics: z
    .array(
      z.object({
        topic: z.string().min(1),
        language: z.string().min(1),
        statements: z.array(z.array(z.string().min(1)).min(2)).min(2),
      }),
    )
    .min(4),
});

export type Statements = z.output<typeof statementsSchema>;

/** How two texts relate: same meaning, same topic, or neither. */
export type PairLabel = "same" | "related" | "different";

/** A text with where it comes from. */
export interface LabelledText {
  readonly text: string;
  readonly topic: string;
  readonly language: string;
  /** Index of the statement in its topic. */
  readonly statement: number;
}

/** Every text of the topics, in order. */
export function labelledTexts({ topics }: Statements): LabelledText[] {
  return topics.flatMap(({ topic, language, statements }) =>
    statements.flatMap((ways, statement) => ways.map((text) => ({ text, topic, language, statement }))),
  );
}

/** The label of a pair. @returns undefined across languages, which are never compared */
export function labelOf(left: LabelledText, right: LabelledText): PairLabel | undefined {
  if (left.language !== right.language) return undefined;
  if (left.topic !== right.topic) return "different";
  return left.statement === right.statement ? "same" : "related";
}

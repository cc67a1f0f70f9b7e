/** A candidate passage for a prompt. */
export interface Packable {
  readonly id: string;
  /** Higher is nearer. */
  readonly score: number;
  readonly text: string;
}

export interface PackingRules {
  /** Tokens that all passages may take together. */
  readonly budgetTokens: number;
  /** Tokens of a passage in the prompt, its frame included. */
  readonly tokensOf: (text: string) => number;
  /** The longest start of a text of at most that many tokens, frame included. */
  readonly cut: (text: string, tokens: number) => string;
  /** Whether the second text adds nothing to the first. */
  readonly repeats: (kept: string, text: string) => boolean;
}

/** Fewest tokens for which a cut passage is still useful: three or four sentences. */
const SMALLEST_CUT_TOKENS = 100;

/**
 * Chooses passages for a prompt, nearest first, whole where they fit. What holds, in whichever order they come:
 * - together they take at most the budget;
 * - none repeats one that is nearer;
 * - one is left out only because it repeats a nearer one or is larger than what nearer ones leave, so no passage is
 * left
 *   out while a larger one that is less near is taken;
 * - only where nothing is taken yet is a passage cut to the budget, so that the nearest is not lost for its length.
 * Passages of one score are in the order of their ids.
 */
export function pack<P extends Packable>(passages: readonly P[], rules: PackingRules): P[] {
  const ordered = [...passages].sort((left, right) => right.score - left.score || (left.id < right.id ? -1 : 1));
  const taken: P[] = [];
  let left = rules.budgetTokens;
  for (const passage of ordered) {
    const fitted = fit(passage, left, taken.length === 0, rules);
    if (fitted === undefined || taken.some((kept) => rules.repeats(kept.text, passage.text))) continue;
    taken.push(fitted);
    left -= rules.tokensOf(fitted.text);
  }
  return taken;
}

function fit<P extends Packable>(passage: P, left: number, isFirst: boolean, rules: PackingRules): P | undefined {
  if (rules.tokensOf(passage.text) <= left) return passage;
  if (!isFirst || left < SMALLEST_CUT_TOKENS) return undefined;
  const text = rules.cut(passage.text, left);
  // A counter need not be monotonous: what still does not fit is left out.
  return text.trim() === "" || rules.tokensOf(text) > left ? undefined : { ...passage, text };
}

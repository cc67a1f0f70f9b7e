/**
 * Which of `count` items to keep: each that does not repeat one kept before it.
 * @returns indices, ascending
 */
export function distinctIndices(count: number, repeats: (kept: number, index: number) => boolean): number[] {
  const kept: number[] = [];
  for (let index = 0; index < count; index += 1) {
    if (!kept.some((other) => repeats(other, index))) kept.push(index);
  }
  return kept;
}

/** Whether two questions are the same text, but for case, spaces and marks: the comparison that needs no embedder. */
export function sameText(left: string, right: string): boolean {
  return bare(left) === bare(right);
}

function bare(text: string): string {
  return text.toLowerCase().replace(/[\s\p{P}]+/gu, "");
}

/** A secret or a piece of personal data in a text. Its place and kind, never its content. */
export interface Finding {
  /** What it is, e.g. `github_token`: lower snake case, the word that replaces it in the text. */
  readonly kind: string;
  /** Index of the first UTF-16 unit. */
  readonly start: number;
  /** Index after the last one. */
  readonly end: number;
}

/** The text with every finding replaced by `[REDACTED:kind]`. Findings that overlap or touch become one, named by the first. */
export function replaceFindings(text: string, findings: readonly Finding[]): string {
  if (findings.length === 0) return text;
  const parts: string[] = [];
  let copied = 0;
  for (const { kind, start, end } of mergeFindings(findings)) {
    parts.push(text.slice(copied, start), `[REDACTED:${kind}]`);
    copied = end;
  }
  parts.push(text.slice(copied));
  return parts.join("");
}

/** Findings in order, none overlapping another. */
export function mergeFindings(findings: readonly Finding[]): Finding[] {
  const merged: Finding[] = [];
  // The longest of those that start together names the whole.
  for (const finding of [...findings].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1);
    if (last === undefined || finding.start >= last.end) merged.push(finding);
    else if (finding.end > last.end) merged[merged.length - 1] = { ...last, end: finding.end };
  }
  return merged;
}

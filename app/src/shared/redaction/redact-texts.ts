import { type Finding, mergeFindings, replaceFindings } from "./finding";
import { findPersonalNumbers } from "./personal-data";
import { findPrivateKeys } from "./private-keys";
import { findSecrets } from "./secret-patterns";

export interface Redaction {
  /** The given texts, in order, findings replaced by `[REDACTED:kind]`. */
  readonly texts: readonly string[];
  /** How many of each kind were replaced. */
  readonly counts: Readonly<Record<string, number>>;
}

type Scan = (text: string) => Promise<Finding[]>;

/** The rules take 5 ms to load and half a megabyte of code, so they are loaded for the first text. */
async function loadRules(): Promise<Scan> {
  const [{ lintSource }, { creator }, { secretLintProfiler }] = await Promise.all([
    import("@secretlint/core"),
    import("@secretlint/secretlint-rule-preset-recommend"),
    import("@secretlint/profiler"),
  ]);
  // It keeps every mark for as long as the process lives, and looks for each in all before it.
  secretLintProfiler.mark = () => undefined;
  const config = { rules: [{ id: "recommended", rule: creator, options: {} }] };
  return async (content) => {
    const source = { filePath: "change.txt", ext: ".txt", contentType: "text" as const, content };
    const { messages } = await lintSource({ source, options: { config, noPhysicFilePath: true } });
    return messages.map(({ messageId, range: [start, end] }) => ({ kind: kindOf(messageId), start, end }));
  };
}

function kindOf(messageId: string): string {
  return messageId
    .replace(/([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, (_match, before, after, last) =>
      last === undefined ? `${before}_${after}` : `${last}_`,
    )
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_");
}

let rules: Promise<Scan> | undefined;

/** Separates two texts that are searched together: no pattern reaches over it. */
const SEPARATOR = "\n\u0000\n";

/** What replaces a finding, here or in an earlier call. */
const MARK = /\[REDACTED:([a-z_]{1,40})\]/g;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
/** Passes over one input, at most: only a text made for it needs more than three. */
const MOST_PASSES = 8;

/**
 * Hides secrets and personal numbers in texts before anything else reads them: secretlint's recommended rules and our own
 * patterns together. Texts are searched together, because the rules cost a millisecond a call and 7 ms a megabyte.
 * What is hidden is gone: it is neither logged nor kept.
 *
 * What lies beside a finding is searched again once the finding is a mark: a card's number that touched a key was none
 * before, and is one now. A redacted text therefore stays as it is when it is redacted again.
 */
export async function redactTexts(texts: readonly string[]): Promise<Redaction> {
  const counts: Record<string, number> = {};
  let clean = texts;
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    const findings = await findAll(clean.join(SEPARATOR));
    if (findings.length === 0) break;
    for (const { kind } of findings) counts[kind] = (counts[kind] ?? 0) + 1;
    clean = replaceEach(clean, findings);
  }
  return { texts: clean, counts };
}

/** Findings in order, none overlapping another. One that reaches into a mark takes it in whole. */
async function findAll(text: string): Promise<Finding[]> {
  rules ??= loadRules();
  const scan = await rules;
  const marks = [...text.matchAll(MARK)].map(({ 0: { length }, 1: kind = "", index }) => ({
    kind,
    start: index,
    end: index + length,
  }));
  // A mark's own words and colon are no name, no separator and no value of anything.
  const blank = marks.length === 0 ? text : text.replace(MARK, ({ length }) => "\u0000".repeat(length));
  const findings = [
    ...findPrivateKeys(blank),
    ...findSecrets(blank),
    ...findPersonalNumbers(blank),
    ...(await scan(blank)),
  ].filter(({ start, end }) => marks.length === 0 || LETTER_OR_DIGIT.test(blank.slice(start, end)));
  const known = new Map(marks.map(({ start, end }) => [start, end]));
  return mergeFindings([...findings, ...marks]).filter(({ start, end }) => known.get(start) !== end);
}

/** Gives each text its part of the findings; one that reaches over a border is cut there. */
function replaceEach(texts: readonly string[], findings: readonly Finding[]): string[] {
  let offset = 0;
  let next = 0;
  return texts.map((text) => {
    const own: Finding[] = [];
    const end = offset + text.length;
    while (next < findings.length) {
      const finding = findings[next];
      if (finding === undefined || finding.start >= end) break;
      const start = Math.max(finding.start, offset) - offset;
      if (finding.end > offset) own.push({ kind: finding.kind, start, end: Math.min(finding.end, end) - offset });
      if (finding.end > end) break;
      next += 1;
    }
    offset = end + SEPARATOR.length;
    return replaceFindings(text, own);
  });
}

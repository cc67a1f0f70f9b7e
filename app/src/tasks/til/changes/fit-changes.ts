import { estimateTokens, fitTokens } from "../../../shared/tokens/estimate";
import type { SkipReason } from "./skip-rules";
import type { Piece, WeighedFile } from "./weigh-changes";

/** The part of a file that is in the prompt. */
export interface FittedFile {
  readonly filepath: string;
  /** Commit messages and hunks, in order. */
  readonly text: string;
  /** Hunks that did not fit. */
  readonly omittedHunks: number;
}

export interface FittedChanges {
  /** Files of which at least something fits. */
  readonly files: readonly FittedFile[];
  /** Files left out whole, and why. */
  readonly skipped: readonly { readonly path: string; readonly reason: SkipReason }[];
  /** Files of which nothing fits. */
  readonly omittedFiles: number;
}

interface OpenFile {
  readonly file: WeighedFile;
  readonly taken: string[];
  hunks: number;
  /** What it costs besides its text, once it was needed. */
  openingTokens: number | undefined;
}

/** Files of which parts are considered, the first of a change: some ten times as many as a prompt has room for. */
const MOST_CONSIDERED = 2_000;

/**
 * Chooses the parts of a change for a prompt of at most `budgetTokens` estimated tokens. Files take turns, a piece at a
 * time, so that one huge file cannot push the others out; a piece that does not fit is dropped, except that a file's
 * first hunk is cut by line rather than lost. Order within a file is kept.
 * @param fileTokens what a file costs besides its text, in estimated tokens
 */
export function fitChanges(
  files: readonly WeighedFile[],
  budgetTokens: number,
  fileTokens: (filepath: string) => number,
): FittedChanges {
  const skipped: { path: string; reason: SkipReason }[] = [];
  const open: OpenFile[] = [];
  let beyond = 0;
  for (const file of files) {
    if (file.skipped !== undefined) skipped.push({ path: file.filepath, reason: file.skipped });
    else if (open.length === MOST_CONSIDERED) beyond += 1;
    else open.push({ file, taken: [], hunks: 0, openingTokens: undefined });
  }
  let left = budgetTokens;
  let turns: readonly OpenFile[] = open;
  for (let round = 0; turns.length > 0; round += 1) {
    // Without this, one file of 100,000 hunks would have 2,000 others looked at as often.
    turns = turns.filter(({ file }) => round < file.pieces.length);
    for (const entry of turns) {
      const piece = entry.file.pieces[round];
      if (piece !== undefined) left -= take(entry, piece, left, fileTokens);
    }
  }
  const fitted = open.filter((entry) => entry.taken.length > 0);
  return {
    files: fitted.map(({ file, taken, hunks }) => ({
      filepath: file.filepath,
      text: taken.join("\n"),
      omittedHunks: file.hunks - hunks,
    })),
    skipped,
    omittedFiles: open.length - fitted.length + beyond,
  };
}

/** Takes a piece into a file's text where it fits. @returns tokens spent */
function take(entry: OpenFile, piece: Piece, left: number, fileTokens: (filepath: string) => number): number {
  const cuttable = piece.isHunk && entry.hunks === 0 && left >= SMALLEST_CUT_TOKENS;
  if (piece.tokens > left && !cuttable) return 0;
  entry.openingTokens ??= fileTokens(entry.file.filepath);
  const opening = entry.taken.length === 0 ? entry.openingTokens : 0;
  const kept = fitPiece(piece, cuttable, left - opening);
  if (kept === undefined) return 0;
  if (piece.isHunk) entry.hunks += 1;
  entry.taken.push(kept.text);
  return opening + kept.tokens;
}

/** A cut hunk of fewer tokens is left out. */
const SMALLEST_CUT_TOKENS = 20;

function fitPiece({ text, tokens }: Piece, cuttable: boolean, left: number) {
  const whole = Math.ceil(tokens);
  if (whole <= left) return { text, tokens: whole };
  if (!cuttable || left < SMALLEST_CUT_TOKENS) return undefined;
  const cut = fitTokens(text, left - 1).text;
  return { text: cut, tokens: estimateTokens(cut) };
}

import { estimateTokens, exceedsTokens, fitTokens } from "../../../shared/tokens/estimate";
import type { ChangedFile } from "./changed-file";
import { splitHunks } from "./hunks";
import { type SkipReason, skipReason } from "./skip-rules";

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

/** A piece of the prompt that is taken whole or not at all. */
interface Piece {
  readonly text: string;
  readonly isHunk: boolean;
}

function piecesOf(file: ChangedFile): Piece[] {
  const pieces = file.patches.flatMap(({ commit_message, patch }) => [
    { text: `message: ${commit_message.trim()}`, isHunk: false },
    ...splitHunks(patch).map((hunk) => ({ text: hunk.trimEnd(), isHunk: true })),
  ]);
  // Without a patch the code itself is all there is to learn from.
  if (pieces.length > 0 || file.latest_code === undefined) return pieces;
  return [{ text: file.latest_code, isHunk: true }];
}

/** A file's whole change, as a prompt shows it. */
export function changeText(file: ChangedFile): string {
  return piecesOf(file)
    .map((piece) => piece.text)
    .join("\n");
}

interface OpenFile {
  readonly file: ChangedFile;
  readonly pieces: readonly Piece[];
  readonly taken: string[];
  hunks: number;
  omittedHunks: number;
}

/**
 * Files that are weighed, the first of a change: some ten times as many as a prompt has room for. A commit of tens of
 * thousands would otherwise hold up every other request for a second.
 */
const MOST_WEIGHED = 2_000;

/**
 * Chooses the parts of a change for a prompt of at most `budgetTokens` estimated tokens. Files take turns, a piece at a
 * time, so that one huge file cannot push the others out; a piece that does not fit is dropped, except that a file's
 * first hunk is cut by line rather than lost. Order within a file is kept.
 * @param fileTokens what a file costs besides its text, in estimated tokens
 */
export function fitChanges(
  files: readonly ChangedFile[],
  budgetTokens: number,
  fileTokens: (filepath: string) => number,
): FittedChanges {
  const skipped: { path: string; reason: SkipReason }[] = [];
  const open: OpenFile[] = [];
  let beyond = 0;
  for (const file of files) {
    const reason = skipReason(file);
    if (reason !== undefined) skipped.push({ path: file.filepath, reason });
    else if (open.length === MOST_WEIGHED) beyond += 1;
    else open.push({ file, pieces: piecesOf(file), taken: [], hunks: 0, omittedHunks: 0 });
  }
  let left = budgetTokens;
  const rounds = open.reduce((most, entry) => Math.max(most, entry.pieces.length), 0);
  for (let round = 0; round < rounds; round += 1) {
    for (const entry of open) {
      const piece = entry.pieces[round];
      if (piece !== undefined) left -= take(entry, piece, left, fileTokens);
    }
  }
  const fitted = open.filter((entry) => entry.taken.length > 0);
  return {
    files: fitted.map(({ file, taken, omittedHunks }) => ({
      filepath: file.filepath,
      text: taken.join("\n"),
      omittedHunks,
    })),
    skipped,
    omittedFiles: open.length - fitted.length + beyond,
  };
}

/** Takes a piece into a file's text where it fits. @returns tokens spent */
function take(entry: OpenFile, piece: Piece, left: number, fileTokens: (filepath: string) => number): number {
  const opening = entry.taken.length === 0 ? fileTokens(entry.file.filepath) : 0;
  const kept = fitPiece(piece, entry.hunks === 0, left - opening);
  if (kept === undefined) {
    if (piece.isHunk) entry.omittedHunks += 1;
    return 0;
  }
  if (piece.isHunk) entry.hunks += 1;
  entry.taken.push(kept);
  return opening + estimateTokens(`${kept}\n`);
}

/** A cut hunk of fewer tokens is left out. */
const SMALLEST_CUT_TOKENS = 20;

function fitPiece(piece: Piece, isFirstHunk: boolean, left: number): string | undefined {
  if (!exceedsTokens(`${piece.text}\n`, left)) return piece.text;
  if (!piece.isHunk || !isFirstHunk || left < SMALLEST_CUT_TOKENS) return undefined;
  return fitTokens(piece.text, left - 1).text;
}

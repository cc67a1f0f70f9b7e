import { tokensUpTo } from "../../../shared/tokens/estimate";
import type { Steps } from "../../../shared/turns";
import type { ChangedFile, RepositoryChange } from "./changed-file";
import { hunksOf } from "./hunks";
import { type SkipReason, skipReason } from "./skip-rules";

/** A piece of the prompt that is taken whole or not at all. */
export interface Piece {
  readonly text: string;
  readonly isHunk: boolean;
  /** Estimated, not rounded; of a piece that fits no prompt, some number above the prompt's budget. */
  readonly tokens: number;
}

/** A changed file as prompts need it: cut into pieces and weighed once, however often a prompt is rendered. */
export interface WeighedFile {
  readonly filepath: string;
  /** Why it is left out whole. @default it is read */
  readonly skipped: SkipReason | undefined;
  /** First lines of its commit messages, each once, none empty. */
  readonly subjects: readonly string[];
  /** Commit messages and hunks, in order. None of a file that is left out. */
  readonly pieces: readonly Piece[];
  /** Of the pieces, one under the other. */
  readonly tokens: number;
  /** Its hunks, also those after the pieces, which no prompt has room for. */
  readonly hunks: number;
}

export interface WeighedRepository extends Omit<RepositoryChange, "files"> {
  readonly files: readonly WeighedFile[];
}

/**
 * Pieces are weighed until they fill so many prompts, because those that do not fit are passed over. A patch can have
 * 200,000 of them, in a prompt there are a few hundred.
 */
const PROMPTS_FULL = 4;

/** Characters that a step counts for where it has next to none: of an empty file too something is looked at. */
const LEAST_CHARS = 10;

/** @param mostTokens of the prompt that they are for */
export function* weighChanges(
  repositories: readonly RepositoryChange[],
  mostTokens: number,
): Steps<readonly WeighedRepository[]> {
  const weighed: WeighedRepository[] = [];
  for (const repository of repositories) {
    const files: WeighedFile[] = [];
    for (const file of repository.files) files.push(yield* weighFile(file, mostTokens));
    weighed.push({ ...repository, files });
  }
  return weighed;
}

/** @param mostTokens of the prompt that it is for */
export function* weighFile(file: ChangedFile, mostTokens: number): Steps<WeighedFile> {
  const { filepath, patches } = file;
  const subjects = new Set<string>();
  for (const { commit_message: message } of patches) {
    yield message.length + LEAST_CHARS;
    const subject = firstLine(message);
    if (subject !== "") subjects.add(subject);
  }
  const skipped = skipReason(file);
  const pieces: Piece[] = [];
  let tokens = 0;
  let hunks = 0;
  for (const { text, isHunk } of skipped === undefined ? piecesOf(file) : []) {
    yield text.length + LEAST_CHARS;
    if (isHunk) hunks += 1;
    if (tokens > PROMPTS_FULL * mostTokens) continue;
    const piece = { text, isHunk, tokens: tokensUpTo(text, mostTokens) };
    tokens += piece.tokens;
    pieces.push(piece);
  }
  return { filepath, skipped, subjects: [...subjects], pieces, tokens, hunks };
}

function* piecesOf({ patches, latest_code: code }: ChangedFile): Generator<Omit<Piece, "tokens">> {
  for (const { commit_message: message, patch } of patches) {
    yield { text: `message: ${message.trim()}`, isHunk: false };
    for (const hunk of hunksOf(patch)) {
      const text = hunk.trimEnd();
      // An empty one costs no tokens: thousands would make thousands of lines that nobody has counted.
      if (text !== "") yield { text, isHunk: true };
    }
  }
  // Without a patch the code itself is all there is to learn from.
  if (patches.length === 0 && code !== undefined) yield { text: code, isHunk: true };
}

function firstLine(message: string): string {
  const text = message.trim();
  const end = text.indexOf("\n");
  return end === -1 ? text : text.slice(0, end);
}

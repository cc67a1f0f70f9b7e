import { estimateTokens, fitTokens } from "../tokens/estimate";

/** A changed file as a client sends it. */
export interface ChangedFile {
  readonly filepath: string;
  readonly latest_code?: string | undefined;
  readonly patches: readonly { readonly commit_message: string; readonly patch: string }[];
}

/** What of a file goes into the prompt. */
export interface FittedFile {
  readonly filepath: string;
  /** Commit messages and hunks, in order. */
  readonly text: string;
  /** Hunks that did not fit. */
  readonly omittedHunks: number;
}

export interface FittedDiff {
  /** Files of which at least something fits. */
  readonly files: readonly FittedFile[];
  /** Paths left out whole: binaries, lock files and generated files, which teach nobody anything, and empty changes. */
  readonly skipped: readonly string[];
  /** Files of which nothing fits. */
  readonly omittedFiles: number;
}

const LOCK_FILES = new Set([
  "package-lock.json",
  "npm-shrinkwrap.json",
  "yarn.lock",
  "pnpm-lock.yaml",
  "bun.lock",
  "bun.lockb",
  "poetry.lock",
  "pdm.lock",
  "uv.lock",
  "pipfile.lock",
  "cargo.lock",
  "go.sum",
  "composer.lock",
  "gemfile.lock",
  "podfile.lock",
  "gradle.lockfile",
  "packages.lock.json",
  ".terraform.lock.hcl",
]);

const BINARY_EXTENSION =
  /\.(png|jpe?g|gif|webp|avif|ico|bmp|pdf|zip|gz|tgz|bz2|xz|7z|jar|war|class|exe|dll|so|dylib|o|a|wasm|woff2?|ttf|otf|eot|mp[34]|mov|avi|webm|ogg|wav|flac|sqlite|db|bin|pt|safetensors|gguf|onnx|parquet|min\.js|min\.css|map)$/i;

const BINARY_PATCH = /^(GIT binary patch|Binary files .* differ)$/m;

/** Whether a file is left out whole. */
export function isSkipped(file: ChangedFile): boolean {
  const name = file.filepath.split("/").at(-1)?.toLowerCase() ?? "";
  return (
    LOCK_FILES.has(name) ||
    BINARY_EXTENSION.test(name) ||
    (file.patches.length > 0 && file.patches.every((patch) => BINARY_PATCH.test(patch.patch)))
  );
}

/** A patch cut at its hunk headers; what stands before the first one goes with it. */
export function splitHunks(patch: string): string[] {
  const parts = patch.split(/^(?=@@ )/m);
  const [head = "", first, ...rest] = parts;
  return head.startsWith("@@ ") || first === undefined ? parts : [head + first, ...rest];
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

interface OpenFile {
  readonly file: ChangedFile;
  readonly pieces: readonly Piece[];
  readonly taken: string[];
  hunks: number;
  omittedHunks: number;
}

/**
 * Chooses what of a change goes into a prompt of at most `budgetTokens` estimated tokens. Files take turns, a piece at a
 * time, so that one huge file cannot push the others out; a piece that does not fit is dropped, except that a file's
 * first hunk is cut by line rather than lost. Order within a file is kept.
 * @param fileTokens what a file costs besides its text, in estimated tokens
 */
export function fitDiff(
  files: readonly ChangedFile[],
  budgetTokens: number,
  fileTokens: (filepath: string) => number,
): FittedDiff {
  const candidates = files.map((file): OpenFile => {
    const pieces = isSkipped(file) ? [] : piecesOf(file);
    return { file, pieces, taken: [], hunks: 0, omittedHunks: 0 };
  });
  const open = candidates.filter((entry) => entry.pieces.length > 0);
  let left = budgetTokens;
  const rounds = Math.max(0, ...open.map((entry) => entry.pieces.length));
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
    skipped: candidates.filter((entry) => entry.pieces.length === 0).map((entry) => entry.file.filepath),
    omittedFiles: open.length - fitted.length,
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

/** Fewest tokens for which a cut hunk still says anything. */
const SMALLEST_CUT_TOKENS = 20;

function fitPiece(piece: Piece, isFirstHunk: boolean, left: number): string | undefined {
  if (estimateTokens(`${piece.text}\n`) <= left) return piece.text;
  if (!piece.isHunk || !isFirstHunk || left < SMALLEST_CUT_TOKENS) return undefined;
  return fitTokens(piece.text, left - 1).text;
}

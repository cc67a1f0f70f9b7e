import type { Commit } from "./repository";

/** Bytes of all commits as JSON; with the rest of the body below the server's limit of 4 MiB. */
const MAX_TOTAL_BYTES = 3_900_000;
/** Bytes of one file's patch as JSON: the server fits hunks of far less into a prompt. */
const MAX_PATCH_BYTES = 200_000;
/** Characters of a message: 200 commits of them leave most of a body to the patches, in any script. */
const MAX_MESSAGE_CHARS = 2_000;

export interface BoundedCommits {
  readonly commits: readonly Commit[];
  /** Patches that were cut, or left out with their file's name kept. */
  readonly shortened: number;
  /** Files of which not even the name had room. */
  readonly leftOut: number;
}

/**
 * What fits into one request: every file's name, then patches, the first commits' first, cut at a line's end.
 * @param commits at most 200
 */
export function boundCommits(commits: readonly Commit[]): BoundedCommits {
  const heads = commits.map((commit) => ({ ...commit, message: commit.message.slice(0, MAX_MESSAGE_CHARS) }));
  let left = MAX_TOTAL_BYTES - jsonBytes(heads.map((head) => ({ ...head, files: [] })));
  let leftOut = 0;
  const named = heads.map((commit) => ({
    ...commit,
    files: commit.files.filter(({ filepath }) => {
      const bytes = jsonBytes({ filepath, patch: "" }) + 1;
      const fits = bytes <= left;
      if (fits) left -= bytes;
      else leftOut += 1;
      return fits;
    }),
  }));
  let shortened = 0;
  const bounded = named.map((commit) => ({
    ...commit,
    files: commit.files.map(({ filepath, patch }) => {
      const kept = wholeLines(patch, Math.min(MAX_PATCH_BYTES, left));
      if (kept.text !== patch) shortened += 1;
      left -= kept.bytes;
      return { filepath, patch: kept.text };
    }),
  }));
  return { commits: bounded, shortened, leftOut };
}

/** The first lines of a text that take at most so many bytes inside a JSON string. */
function wholeLines(text: string, most: number): { readonly text: string; readonly bytes: number } {
  const whole = stringBytes(text);
  if (whole <= most) return { text, bytes: whole };
  let end = 0;
  let bytes = 0;
  for (;;) {
    const next = text.indexOf("\n", end);
    if (next === -1) break;
    const more = stringBytes(text.slice(end, next + 1));
    if (bytes + more > most) break;
    bytes += more;
    end = next + 1;
  }
  return { text: text.slice(0, end), bytes };
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function stringBytes(text: string): number {
  return jsonBytes(text) - 2;
}

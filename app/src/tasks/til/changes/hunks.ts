const HUNK = "@@ ";
const FILE = "diff --git ";

/** Starts of the lines that begin with `mark`, in order. */
function* lineStarts(text: string, mark: string): Generator<number> {
  const line = `\n${mark}`;
  if (text.startsWith(mark)) yield 0;
  for (let at = text.indexOf(line); at !== -1; at = text.indexOf(line, at + 1)) yield at + 1;
}

/** A patch cut at its hunk headers, one at a time; lines before the first one are part of the first hunk. */
export function* hunksOf(patch: string): Generator<string> {
  const starts = lineStarts(patch, HUNK);
  starts.next();
  let from = 0;
  for (const start of starts) {
    yield patch.slice(from, start);
    from = start;
  }
  yield patch.slice(from);
}

/** One file's part of a diff. */
export interface FilePatch {
  readonly filepath: string;
  readonly patch: string;
}

const FILE_HEADER = /^diff --git (?:"?a\/.*?"? )?"?b\/(.*?)"?$/;
/** Characters in which a file's header has ended: two paths of git's own longest, 4,096 bytes, on four lines. */
const HEADER_CHARS = 20_000;

/**
 * A diff of several files, as `git diff` prints it, cut into files, one at a time. Text without `diff --git` lines is one
 * file's, of the given path. Nothing is lost: lines that no header counts are kept, which strict readers of diffs drop.
 */
export function* splitFiles(diff: string, filepath: string): Generator<FilePatch> {
  const part = (patch: string) => ({ filepath: pathOf(patch) ?? filepath, patch });
  let from: number | undefined;
  // Inside a hunk every line begins with a mark, so this begins a line in headers alone.
  for (const start of lineStarts(diff, FILE)) {
    if (start > 0) yield part(diff.slice(from ?? 0, start));
    from = start;
  }
  yield from === undefined ? { filepath, patch: diff } : part(diff.slice(from));
}

/** The path after the change: of `+++`, or before it where the file was deleted, or of the header where neither is there. */
function pathOf(patch: string): string | undefined {
  const header = patch.slice(0, HEADER_CHARS).split(/^@@ /m, 1)[0] ?? "";
  const after = /^\+\+\+ "?b\/(.*?)"?\t?$/m.exec(header)?.[1];
  const before = /^--- "?a\/(.*?)"?\t?$/m.exec(header)?.[1];
  return after ?? before ?? FILE_HEADER.exec(header.split("\n", 1)[0] ?? "")?.[1];
}

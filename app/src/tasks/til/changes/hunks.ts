/** A patch cut at its hunk headers; lines before the first one are part of the first hunk. */
export function splitHunks(patch: string): string[] {
  const parts = patch.split(/^(?=@@ )/m);
  const [head = "", first, ...rest] = parts;
  return head.startsWith("@@ ") || first === undefined ? parts : [head + first, ...rest];
}

/** One file's part of a diff. */
export interface FilePatch {
  readonly filepath: string;
  readonly patch: string;
}

const FILE_HEADER = /^diff --git (?:"?a\/.*?"? )?"?b\/(.*?)"?$/;

/**
 * A diff of several files, as `git diff` prints it, cut into files. Text without `diff --git` lines is one file's, of
 * the given path. Nothing is lost: lines that no header counts are kept, which strict readers of diffs drop.
 */
export function splitFiles(diff: string, filepath: string): FilePatch[] {
  // Inside a hunk every line begins with a mark, so this begins a line in headers alone.
  const parts = diff.split(/^(?=diff --git )/m).filter((part) => part !== "");
  if (!parts.some((part) => part.startsWith("diff --git "))) return [{ filepath, patch: diff }];
  return parts.map((patch) => ({ filepath: pathOf(patch) ?? filepath, patch }));
}

/** The path after the change: of `+++`, or before it where the file was deleted, or of the header where neither is there. */
function pathOf(patch: string): string | undefined {
  const header = patch.split(/^@@ /m, 1)[0] ?? "";
  const after = /^\+\+\+ "?b\/(.*?)"?\t?$/m.exec(header)?.[1];
  const before = /^--- "?a\/(.*?)"?\t?$/m.exec(header)?.[1];
  return after ?? before ?? FILE_HEADER.exec(header.split("\n", 1)[0] ?? "")?.[1];
}

import type { Commit } from "./repository";

export interface LogEntry extends Commit {
  readonly parents: readonly string[];
}

/** What `git log --format` prints for `parseLog`: two lines and the message between boundaries, then the diff. */
export function logFormat(boundary: string): string {
  return `${boundary}%H%n%P%n%B${boundary}`;
}

/** Commits of a log whose headers are each between two boundaries, newest first. */
export function parseLog(log: string, boundary: string): LogEntry[] {
  const parts = log.split(boundary);
  const entries: LogEntry[] = [];
  // Before the first boundary there is nothing; then a header and a diff take turns.
  for (let index = 1; index < parts.length; index += 2) {
    const [, sha = "", parents = "", message = ""] = /^(\S+)\n(.*)\n([\s\S]*)$/.exec(parts[index] ?? "") ?? [];
    entries.push({
      sha,
      parents: parents.split(" ").filter((parent) => parent !== ""),
      message: message.trim(),
      files: filesOf(parts[index + 1] ?? ""),
    });
  }
  return entries;
}

/** A commit's diff, one entry a file. Binary files go by name, so that the server can say that it skipped them. */
function filesOf(diff: string): Commit["files"] {
  return diff
    .split(/^(?=diff --git )/m)
    .filter((part) => part.startsWith("diff --git "))
    .map((patch) => ({ filepath: pathOf(patch), patch: patch.trimEnd() }));
}

function pathOf(patch: string): string {
  const header = patch.split(/^@@ /m, 1)[0] ?? "";
  const found =
    /^\+\+\+ "?b\/(.*?)"?\t?$/m.exec(header) ??
    /^--- "?a\/(.*?)"?\t?$/m.exec(header) ??
    /^rename to "?(.*?)"?$/m.exec(header) ??
    /^diff --git .* "?b\/(.*?)"?$/m.exec(header);
  return found?.[1] ?? "unknown";
}

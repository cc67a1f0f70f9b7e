import { randomBytes } from "node:crypto";
import { basename, resolve } from "node:path";
import { boundCommits } from "./bound-commits";
import { git, UserError } from "./git";
import type { Commit, Repository } from "./repository";

export interface CommitQuery {
  readonly folder: string;
  /** As `git log --since` takes it. */
  readonly since: string;
  /** Part of a name or address, as `git log --author` takes it; `me` is the repository's own user. @default everybody */
  readonly author?: string | undefined;
}

/** Commits that `POST /til` takes at once. */
const MAX_COMMITS = 200;
/** Bytes of git's output that are read. */
const MAX_LOG_BYTES = 32 * 1024 * 1024;
const SHORT_OUTPUT_BYTES = 64 * 1024;

/**
 * Commits of a repository since a time, merges left out.
 * @throws UserError where the folder is no repository, or nothing was committed
 */
export async function readCommits({ folder, since, author }: CommitQuery): Promise<Repository> {
  const top = await line(folder, ["rev-parse", "--show-toplevel"]);
  if (top === undefined) throw new UserError(`${resolve(folder)} is not a git repository`);
  const by = author === "me" ? await line(folder, ["config", "user.email"]) : author;
  if (author === "me" && by === undefined)
    throw new UserError("git does not know who you are: git config user.email is not set");
  // No text of a commit can hold it by chance, or by design of whoever wrote the commit.
  const boundary = randomBytes(16).toString("hex");
  const { code, stdout, stderr, cut } = await git(
    folder,
    [
      ...["log", "-p", "--no-merges", "--date-order", "--no-color", "--no-ext-diff", "--no-textconv", "--find-renames"],
      `--format=${boundary}%H %B${boundary}`,
      `--max-count=${MAX_COMMITS}`,
      `--since=${since}`,
      ...(by === undefined ? [] : ["--fixed-strings", `--author=${by}`]),
      "--",
    ],
    MAX_LOG_BYTES,
  );
  const unborn = /does not have any commits yet/.test(stderr);
  if (code !== 0 && !unborn) throw new UserError(`git log: ${stderr.trim()}`);
  const notes = cut ? ["git's output was cut at 32 MiB"] : [];
  const commits = parseLog(stdout, boundary);
  if (commits.length === 0) {
    throw new UserError(`no commits since ${since}${by === undefined ? "" : ` by ${by}`} in ${top}`);
  }
  if (commits.length === MAX_COMMITS) notes.push(`only the newest ${MAX_COMMITS} commits are sent`);
  const bounded = boundCommits(commits);
  const { shortened, leftOut } = bounded;
  if (shortened > 0) notes.push(`${shortened} patches are sent in part or by name: together they are too long`);
  if (leftOut > 0) notes.push(`${leftOut} files are left out: they are too many`);
  const branch = await line(folder, ["rev-parse", "--abbrev-ref", "HEAD"]);
  return {
    name: basename(top),
    branch: branch === "HEAD" ? undefined : branch,
    commits: bounded.commits.toReversed(),
    notes,
  };
}

/** The one line that a command prints, or undefined where it fails or prints none. */
async function line(folder: string, args: readonly string[]): Promise<string | undefined> {
  const { code, stdout } = await git(folder, args, SHORT_OUTPUT_BYTES);
  const text = stdout.trim();
  return code === 0 && text !== "" ? text : undefined;
}

/** Commits of a log whose headers are each between two boundaries, newest first. */
export function parseLog(log: string, boundary: string): Commit[] {
  const parts = log.split(boundary);
  const commits: Commit[] = [];
  // Before the first boundary there is nothing; then a header and a diff take turns.
  for (let index = 1; index < parts.length; index += 2) {
    const [, sha = "", message = ""] = /^(\S+) ([\s\S]*)$/.exec(parts[index] ?? "") ?? [];
    commits.push({ sha, message: message.trim(), files: filesOf(parts[index + 1] ?? "") });
  }
  return commits;
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

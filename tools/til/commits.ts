import { randomBytes } from "node:crypto";
import { boundCommits } from "./bound-commits";
import { type FoundRepository, findRepository, userEmail } from "./find-repository";
import { type GitOutput, git, gitWords, UserError } from "./git";
import { finding } from "./git-environment";
import { leaveOut } from "./left-out";
import { logFormat, parseLog } from "./parse-log";
import type { Repository } from "./repository";
import { RepositoryReader } from "./repository-reader";
import { localDate, sinceTime } from "./since";

export interface CommitQuery {
  readonly folder: string;
  /** As `git log --since` takes it; a day without a time of day is its beginning. */
  readonly since: string;
  /** Part of a name or address, as `git log --author` takes it; `me` is the repository's own user. @default everybody */
  readonly author?: string | undefined;
}

/** Commits that `POST /til` takes at once. */
const MAX_COMMITS = 200;
/** Commits that are read: some of them are merges, most of which are left out. */
const MAX_READ_COMMITS = 3 * MAX_COMMITS;

/**
 * Commits of a repository since a time, and what its merges changed themselves.
 * @param environment where git looks for the repository and for its user
 * @throws UserError where the folder is no repository that git may read, or nothing was committed
 */
export async function readCommits(query: CommitQuery, environment: NodeJS.ProcessEnv): Promise<Repository> {
  const { folder, since, author } = query;
  const repository = await findRepository(folder, environment);
  const by = author === "me" ? await userEmail(folder, environment) : author;
  const from = await secondsOf(since, folder, environment);
  const log = await readLog(repository, { from, by }, environment);
  const { kept, notes: leftOut } = leaveOut(log.entries, { boundary: repository.boundary, remerged: log.remerged });
  const newest = kept.slice(0, MAX_COMMITS);
  const notes = [...log.notes, ...leftOut];
  if (newest.length === 0) throw new UserError(nothingFound(query, by, repository.root, from, notes));
  if (kept.length > MAX_COMMITS || log.entries.length === MAX_READ_COMMITS)
    notes.push(`only the newest ${newest.length} commits are sent`);
  const {
    commits,
    shortened,
    leftOut: files,
  } = boundCommits(newest.map(({ sha, message, files }) => ({ sha, message, files })));
  if (shortened > 0) notes.push(`${shortened} patches are sent in part or by name: together they are too long`);
  if (files > 0) notes.push(`${files} files are left out: they are too many`);
  return { name: repository.name, branch: repository.branch, commits: commits.toReversed(), notes };
}

/** The time that git takes a text for, in seconds since 1970. Git takes what it does not understand for now. */
async function secondsOf(since: string, folder: string, environment: NodeJS.ProcessEnv): Promise<number> {
  const args = ["rev-parse", `--since=${sinceTime(since, new Date())}`];
  const output = await git({ folder, args, environment: finding(environment) });
  const seconds = /^--max-age=(\d+)$/m.exec(output.stdout)?.[1];
  if (seconds === undefined) throw new UserError(`--since ${since}: ${gitWords(output)}`);
  return Number(seconds);
}

interface LogQuery {
  readonly from: number;
  readonly by: string | undefined;
}

async function readLog(repository: FoundRepository, { from, by }: LogQuery, environment: NodeJS.ProcessEnv) {
  if (repository.head === undefined) return { entries: [], notes: [], remerged: true };
  // No text of a commit can hold it by chance, or by design of whoever wrote the commit.
  const boundary = randomBytes(16).toString("hex");
  const args = [
    ...["-p", "--date-order", "--find-renames", `--format=${logFormat(boundary)}`],
    ...[`--max-count=${MAX_READ_COMMITS}`, `--max-age=${from}`],
    ...(by === undefined ? [] : ["--fixed-strings", `--author=${by}`]),
  ];
  const reader = new RepositoryReader(repository, environment);
  try {
    // Where the commit that both sides began from is cut off, all of their differences would seem to be conflicts.
    let remerged = repository.boundary.length === 0;
    let output = await reader.log(remerged ? [...args, "--diff-merges=remerge"] : args);
    if (output.code !== 0 && /--diff-merges/.test(output.stderr)) {
      remerged = false;
      output = await reader.log(args);
    }
    if (output.code !== 0) throw new UserError(failure(repository, output));
    const notes = output.cut ? ["git's output was cut at 32 MiB"] : [];
    return { entries: parseLog(output.stdout, boundary), notes, remerged };
  } finally {
    reader.close();
  }
}

function failure({ isPartial, root }: FoundRepository, output: GitOutput): string {
  const fix = isPartial
    ? `\nThis clone is partial, and nothing is fetched here. This fetches what is missing: git -C '${root}' fetch --refetch --no-filter`
    : "";
  return `git log: ${gitWords(output)}${fix}`;
}

function nothingFound(
  { since }: CommitQuery,
  by: string | undefined,
  root: string,
  from: number,
  notes: readonly string[],
): string {
  const start = new Date(from * 1_000);
  const time = `${localDate(start)} ${start.toTimeString().slice(0, 5)}`;
  const what = `no commits since ${since}${by === undefined ? "" : ` by ${by}`} in ${root}`;
  return [`${what} (git takes "${since}" for ${time})`, ...notes].join("\n");
}

import type { LogEntry } from "./parse-log";

/** Hashes of one kind that are listed. */
const LISTED = 5;
const SHORT_HASH_CHARS = 7;

export interface LeftOutFacts {
  /** Commits at which a shallow clone ends. */
  readonly boundary: readonly string[];
  /** Whether the log holds the own changes of merges of two branches. */
  readonly remerged: boolean;
}

export interface KeptEntries {
  readonly kept: readonly LogEntry[];
  /** What was left out, a sentence for each kind. */
  readonly notes: readonly string[];
}

const UNSHALLOW = "`git fetch --unshallow` fetches the rest, as does `fetch-depth: 0` in GitHub's checkout";

type Reason = "boundary" | "clean" | "octopus" | "shallow" | "oldGit";

/** What such commits are, and how they can be had. */
const SENTENCES: Readonly<Record<Reason, readonly [string, string?]>> = {
  boundary: ["here a shallow clone ends, and all files would seem to be added", UNSHALLOW],
  clean: ["merges without changes of their own"],
  octopus: ["merges of more than two branches, whose own changes git does not print"],
  shallow: ["merges, whose own changes a shallow clone cannot tell", UNSHALLOW],
  oldGit: ["merges, whose own changes this git does not print", "git 2.35 or newer does"],
};

/** Takes out what says nothing, or nothing true, about what somebody did. */
export function leaveOut(entries: readonly LogEntry[], facts: LeftOutFacts): KeptEntries {
  const boundary = new Set(facts.boundary);
  const kept: LogEntry[] = [];
  const out = new Map<Reason, string[]>();
  for (const entry of entries) {
    const reason = reasonOf(entry, boundary, facts.remerged);
    if (reason === undefined) kept.push(entry);
    else out.set(reason, [...(out.get(reason) ?? []), entry.sha]);
  }
  return { kept, notes: [...out].map(([reason, hashes]) => sentence(reason, hashes)) };
}

function reasonOf(entry: LogEntry, boundary: ReadonlySet<string>, remerged: boolean): Reason | undefined {
  if (boundary.has(entry.sha)) return "boundary";
  if (entry.parents.length < 2 || entry.files.length > 0) return undefined;
  if (entry.parents.length > 2) return "octopus";
  if (remerged) return "clean";
  return boundary.size > 0 ? "shallow" : "oldGit";
}

function sentence(reason: Reason, hashes: readonly string[]): string {
  const count = hashes.length;
  const short = hashes.slice(0, LISTED).map((hash) => hash.slice(0, SHORT_HASH_CHARS));
  const more = count > LISTED ? ` and ${count - LISTED} more` : "";
  const head = `${count} commit${count === 1 ? "" : "s"} left out (${short.join(", ")}${more})`;
  return [head, ...SENTENCES[reason]].join(": ");
}

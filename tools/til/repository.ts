/** A commit as `POST /til` takes it. */
export interface Commit {
  readonly sha: string;
  readonly message: string;
  readonly files: readonly { readonly filepath: string; readonly patch: string }[];
}

export interface Repository {
  readonly name: string;
  readonly branch: string | undefined;
  /** Oldest first. */
  readonly commits: readonly Commit[];
  /** What was left out, a sentence each. */
  readonly notes: readonly string[];
}

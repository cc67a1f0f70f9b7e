/** A changed file as a client sends it. */
export interface ChangedFile {
  readonly filepath: string;
  readonly latest_code?: string | undefined;
  readonly patches: readonly { readonly commit_message: string; readonly patch: string }[];
}

/** What changed in a repository. */
export interface RepositoryChange {
  readonly name: string;
  readonly branch?: string | undefined;
  readonly files: readonly ChangedFile[];
}

/** Stands in for a path where a commit says what it did but not in which files. */
export const COMMIT_ONLY = "(commit)";

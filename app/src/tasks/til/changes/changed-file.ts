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
  /** Files that were left unread, because the request has too many. @default none */
  readonly unreadFiles?: number | undefined;
}

/** In place of a path where a commit has a message but no files. */
export const COMMIT_ONLY = "(commit)";

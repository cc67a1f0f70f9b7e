import { type ChangedFile, COMMIT_ONLY, type RepositoryChange } from "./changed-file";
import { splitFiles } from "./hunks";

/** A repository as a client sends it: its files with their patches, or its commits with their files, or both. */
export interface SentRepository {
  readonly name: string;
  readonly branch?: string | undefined;
  readonly files?: readonly ChangedFile[] | undefined;
  readonly commits?:
    | readonly {
        readonly message: string;
        readonly files: readonly { readonly filepath: string; readonly patch: string }[];
      }[]
    | undefined;
}

type Patches = { commit_message: string; patch: string }[];

/** Changes file by file, grouped by the client by commit or by file; a diff of several files is split. */
export function readChanges(repository: SentRepository): RepositoryChange {
  const { name, branch, files = [], commits = [] } = repository;
  const byPath = new Map<string, { filepath: string; latest_code?: string | undefined; patches: Patches }>();
  const add = (filepath: string, message: string, diff: string) => {
    for (const part of splitFiles(diff, filepath)) {
      const file = byPath.get(part.filepath) ?? { filepath: part.filepath, patches: [] };
      file.patches.push({ commit_message: message, patch: part.patch });
      byPath.set(part.filepath, file);
    }
  };
  for (const { filepath, latest_code, patches } of files) {
    if (patches.length === 0) byPath.set(filepath, { filepath, latest_code, patches: [] });
    for (const { commit_message, patch } of patches) add(filepath, commit_message, patch);
  }
  const silent: ChangedFile[] = [];
  for (const { message, files: changed } of commits) {
    for (const { filepath, patch } of changed) add(filepath, message, patch);
    // A commit's message alone is material too.
    if (changed.length === 0) silent.push({ filepath: COMMIT_ONLY, patches: [{ commit_message: message, patch: "" }] });
  }
  return { name, branch, files: [...byPath.values(), ...silent] };
}

import type { Steps } from "../../../shared/turns";
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

/**
 * Most files of a request, of all its repositories together. A few hundred have room in a prompt; one diff of 4 MB can
 * name 150,000, of which each would be searched, weighed, and listed in the answer.
 */
export const MOST_FILES = 5_000;

/** Changes file by file, grouped by the client by commit or by file; a diff of several files is split. */
export function* readChanges(repositories: readonly SentRepository[]): Steps<readonly RepositoryChange[]> {
  const read: RepositoryChange[] = [];
  let room = MOST_FILES;
  for (const repository of repositories) {
    const change = yield* readRepository(repository, room);
    room -= change.files.length;
    read.push(change);
  }
  return read;
}

function* readRepository(repository: SentRepository, most: number): Steps<RepositoryChange> {
  const { name, branch, files = [], commits = [] } = repository;
  const byPath = new Map<string, { filepath: string; latest_code?: string | undefined; patches: Patches }>();
  const silent: ChangedFile[] = [];
  let unreadFiles = 0;
  const hasRoom = () => {
    const room = byPath.size + silent.length < most;
    if (!room) unreadFiles += 1;
    return room;
  };
  function* add(given: string, message: string, diff: string): Steps<void> {
    for (const { filepath, patch } of splitFiles(diff, given)) {
      yield patch.length;
      const known = byPath.get(filepath);
      if (known === undefined && !hasRoom()) continue;
      const file = known ?? { filepath, patches: [] };
      file.patches.push({ commit_message: message, patch });
      byPath.set(filepath, file);
    }
  }
  for (const { filepath, latest_code, patches } of files) {
    if (patches.length === 0 && hasRoom()) byPath.set(filepath, { filepath, latest_code, patches: [] });
    for (const { commit_message, patch } of patches) yield* add(filepath, commit_message, patch);
  }
  for (const { message, files: changed } of commits) {
    for (const { filepath, patch } of changed) yield* add(filepath, message, patch);
    // A commit's message alone is material too.
    if (changed.length > 0 || !hasRoom()) continue;
    silent.push({ filepath: COMMIT_ONLY, patches: [{ commit_message: message, patch: "" }] });
  }
  return { name, branch, files: [...byPath.values(), ...silent], unreadFiles };
}

import { redact } from "../../../shared/redaction/redactor";
import type { RepositoryChange } from "./changed-file";

export interface RedactedChanges {
  readonly repositories: readonly RepositoryChange[];
  /** Findings by kind. */
  readonly redacted: Readonly<Record<string, number>>;
}

/** The changes with secrets and personal numbers replaced, in all fields: paths, messages, patches, code, names. */
export async function redactChanges(repositories: readonly RepositoryChange[]): Promise<RedactedChanges> {
  const texts: string[] = [];
  // Runs twice, over the same texts in the same order: first to collect them, then to insert the redacted ones.
  const visit = (take: (text: string) => string): RepositoryChange[] =>
    repositories.map(({ name, branch, files, unreadFiles }) => ({
      unreadFiles,
      name: take(name),
      branch: branch === undefined ? undefined : take(branch),
      files: files.map(({ filepath, latest_code, patches }) => ({
        filepath: take(filepath),
        latest_code: latest_code === undefined ? undefined : take(latest_code),
        patches: patches.map(({ commit_message, patch }) => ({
          commit_message: take(commit_message),
          patch: take(patch),
        })),
      })),
    }));
  visit((text) => {
    texts.push(text);
    return text;
  });
  const { texts: clean, counts } = await redact(texts);
  let next = 0;
  return { repositories: visit((text) => clean[next++] ?? text), redacted: counts };
}

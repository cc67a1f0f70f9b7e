import { formatPath } from "./problems";

/** Settings that had another key: path of the old one → the key to write instead, in the same place. */
const RENAMED_KEYS: Readonly<Record<string, string>> = {
  "data.qdrant": "vectorStore",
  "images.qdrant": "vectorStore",
  "kubernetes.qdrantReplicas": "vectorStoreReplicas",
  "kubernetes.vectors": "vectorStore",
};

/** What the key at a path is called now; `undefined` where it never had another name. */
export function renamedTo(path: readonly PropertyKey[]): string | undefined {
  return RENAMED_KEYS[formatPath(path)];
}

/** Keys that the one at a path had before. */
export function formerKeys(path: readonly PropertyKey[]): readonly string[] {
  const parent = `${formatPath(path.slice(0, -1))}.`;
  return Object.entries(RENAMED_KEYS)
    .filter(([old, key]) => old.startsWith(parent) && key === path.at(-1))
    .map(([old]) => old.slice(parent.length));
}

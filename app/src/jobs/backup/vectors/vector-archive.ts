import { randomBytes } from "node:crypto";
import { storedName } from "../../../retrieval/collection-checks";
import type { CollectionSpec, VectorCollection, VectorStore } from "../../../retrieval/vector-store";
import type { CollectionManifest } from "../manifest";
import type { Parts } from "../parts";
import type { Report } from "../report";

/** A collection as it was copied: its entry in the manifest, without its samples. */
export type CopiedCollection = Pick<CollectionManifest, "points"> &
  (
    | Pick<Extract<CollectionManifest, { format: "points" }>, "format" | "part">
    | Pick<Extract<CollectionManifest, { format: "qdrant-snapshot" }>, "format" | "part">
  );

/** A collection that was restored beside the one in use. */
export interface StagedCollection {
  readonly collection: VectorCollection;
  /**
   * Takes the place of the one in use. What it replaces stays under another name until the next swap.
   */
  swap(): Promise<void>;
  drop(): Promise<void>;
}

export interface ArchiveWork {
  readonly spec: CollectionSpec;
  readonly parts: Parts;
  readonly report: Report;
}

/** Copies collections out of a vector store and back into it. */
export interface VectorArchive {
  readonly store: VectorStore;
  copy(work: ArchiveWork): Promise<CopiedCollection>;
  /** Restores beside the collection in use, after throwing away what an interrupted restore left. */
  stage(work: ArchiveWork & { readonly copied: CopiedCollection }): Promise<StagedCollection>;
  /** Throws away what was restored beside the collection in use and has not taken its place. */
  dropStaged(spec: CollectionSpec): Promise<void>;
}

const STAGED = "restored";

/**
 * Names of staged collections of this spec begin with it. No two runs use the same: what is in use may once have been
 * one.
 */
export function stagedPrefix({ name }: CollectionSpec): string {
  return `${name}-${STAGED}-`;
}

export function newStagedSpec(spec: CollectionSpec): CollectionSpec {
  return { ...spec, name: stagedPrefix(spec) + randomBytes(4).toString("hex") };
}

/** Whether a store's collection is a staged one of this spec. */
export function isStaged(stored: string, spec: CollectionSpec): boolean {
  const own = storedName(spec).slice(spec.name.length);
  return (
    stored.startsWith(stagedPrefix(spec)) &&
    new RegExp(`^[0-9a-f]{8}${escaped(own)}(\\.1)?$`).test(stored.slice(stagedPrefix(spec).length))
  );
}

/** Under what name the store keeps what the last swap replaced. */
export function replacedName(spec: CollectionSpec): string {
  return storedName({ ...spec, name: `${spec.name}-replaced` });
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

import type { EmbeddingSpace } from "../../retrieval/embedding-space";
import type { CollectionSpec } from "../../retrieval/vector-store";
import type { Database } from "../../stores/postgres/database";
import type { BackupKind } from "./backup-records";
import type { VectorArchive } from "./vectors/vector-archive";

/** Vectors: where they are, and whose they are. */
export interface VectorSource {
  readonly archive: VectorArchive;
  /** The configured embedder's. @throws AppError STORE_UNAVAILABLE while it cannot be reached */
  readonly space: () => Promise<EmbeddingSpace>;
  /** Collections of that space. */
  readonly collections: (space: EmbeddingSpace) => readonly CollectionSpec[];
}

/** What there is to back up, and to restore into. */
export interface BackupSources {
  /** Without a statement timeout. @default there is none */
  readonly database: Database | undefined;
  /** @default there are none */
  readonly vectors: VectorSource | undefined;
  /** Folders of what is embedded. @default servers have all of it, whose disks nobody can measure from here */
  readonly folders?: Partial<Record<BackupKind, string>>;
}

import type { BackupKind } from "./backup-records";
import type { Need } from "./disk-room";
import type { Manifest } from "./manifest";
import { partsOf } from "./manifest";
import type { Part } from "./parts";
import type { BackupSources } from "./sources";

/**
 * Bytes on a disk for each byte of unpacked lines, measured: 3,000 vectors take 0.65 in LanceDB; 20,000 notes take 1.1 in
 * PostgreSQL, and once more in its log.
 */
const PER_LINE_BYTE: Readonly<Record<BackupKind, number>> = { database: 2.1, vectors: 1 };
/** Bytes besides: two segments of PostgreSQL's log; LanceDB's own files. */
const BESIDES: Readonly<Record<BackupKind, number>> = { database: 32 * 1024 * 1024, vectors: 1024 * 1024 };
/** Unpacked bytes for each packed one, where a backup does not say: of JSON, gzip leaves a third or less. */
const UNPACKED = 3;

/** What a restore writes to disks that can be measured: those of embedded stores. */
export function restoreNeeds(
  { database, vectors }: Manifest,
  kinds: readonly BackupKind[],
  { folders = {} }: BackupSources,
): readonly Need[] {
  return kinds.flatMap((kind) => {
    const folder = folders[kind];
    if (folder === undefined) return [];
    const parts = partsOf(kind === "database" ? { database } : { vectors });
    const lines = parts.reduce((sum, part) => sum + unpackedBytes(part), 0);
    const bytes = Math.ceil(lines * PER_LINE_BYTE[kind]) + BESIDES[kind];
    return [{ what: `the backup's ${kind}`, folder, bytes }];
  });
}

function unpackedBytes(part: Part & { readonly linesBytes?: number | undefined }): number {
  return part.linesBytes ?? part.bytes * UNPACKED;
}

import type { ColumnType } from "kysely";

/** Backups that were verified: a note of what lies elsewhere, and so no part of a backup itself. */
interface BackupsTable {
  /** Names the backup at its destination. */
  readonly id: string;
  readonly kind: "database" | "vectors";
  /** Folder or bucket. */
  readonly destination: string;
  /** When the data was as the backup has it. */
  readonly taken_at: ColumnType<Date, Date, never>;
  /** When its checksums and counts were last found right. */
  readonly verified_at: ColumnType<Date, Date, Date>;
}

export interface BackupTables {
  readonly backups: BackupsTable;
}

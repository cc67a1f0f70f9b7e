import type { Database } from "../../stores/postgres/database";

/** What is backed up: each may be backed up and restored without the other. */
export const BACKUP_KINDS = ["database", "vectors"] as const;

export type BackupKind = (typeof BACKUP_KINDS)[number];

/** A backup whose checksums and counts were found right. */
export interface VerifiedBackup {
  readonly id: string;
  readonly kinds: readonly BackupKind[];
  /** Folder or bucket, for people. */
  readonly destination: string;
  /** When the data was as the backup has it. */
  readonly takenAt: Date;
}

/** Notes in PostgreSQL of backups that were verified, which the gateways show. Methods throw `AppError` STORE_UNAVAILABLE. */
export class BackupRecords {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Notes that a backup was verified just now; a second time, that it was verified again. */
  async verified({ id, kinds, destination, takenAt }: VerifiedBackup): Promise<void> {
    const verified_at = new Date();
    await this.#database.sql
      .insertInto("backups")
      .values(kinds.map((kind) => ({ id, kind, destination, taken_at: takenAt, verified_at })))
      .onConflict((conflict) => conflict.columns(["id", "kind"]).doUpdateSet({ verified_at }))
      .execute();
  }

  /** From when the newest verified backup of each kind is. */
  async newest(): Promise<ReadonlyMap<BackupKind, Date>> {
    const rows = await this.#database.sql
      .selectFrom("backups")
      .select(({ fn }) => ["kind", fn.max("taken_at").as("takenAt")])
      .groupBy("kind")
      .execute();
    return new Map(rows.map(({ kind, takenAt }) => [kind, takenAt]));
  }
}

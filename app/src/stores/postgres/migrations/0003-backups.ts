import { type Kysely, type Migration, sql } from "kysely";

export const backups: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("backups")
      .ifNotExists()
      .addColumn("id", "text", (column) => column.notNull())
      .addColumn("kind", "text", (column) => column.notNull().check(sql`kind in ('database', 'vectors')`))
      .addColumn("destination", "text", (column) => column.notNull())
      .addColumn("taken_at", "timestamptz", (column) => column.notNull())
      .addColumn("verified_at", "timestamptz", (column) => column.notNull())
      .addPrimaryKeyConstraint("backups_pkey", ["id", "kind"])
      .execute();
  },
};

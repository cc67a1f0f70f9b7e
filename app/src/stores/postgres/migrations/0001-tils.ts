import { type Kysely, type Migration, sql } from "kysely";

export const tils: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("tils")
      .ifNotExists()
      .addColumn("id", "uuid", (column) => column.primaryKey().defaultTo(sql`gen_random_uuid()`))
      .addColumn("user_name", "text", (column) => column.notNull())
      .addColumn("date", "date", (column) => column.notNull())
      .addColumn("domain", "text", (column) => column.notNull())
      .addColumn("language", "text", (column) => column.notNull())
      .addColumn("title", "text", (column) => column.notNull())
      .addColumn("content", "text", (column) => column.notNull())
      .addColumn("keywords", sql`text[]`, (column) => column.notNull())
      .addColumn("repos", sql`text[]`, (column) => column.notNull())
      .addColumn("model", "text", (column) => column.notNull())
      .addColumn("adapter", "text")
      .addColumn("created_at", "timestamptz", (column) => column.notNull().defaultTo(sql`now()`))
      .execute();
    await db.schema
      .createIndex("tils_user_name_date")
      .ifNotExists()
      .on("tils")
      .columns(["user_name", "date desc"])
      .execute();
  },
};

import { type Kysely, type Migration, sql } from "kysely";

export const adapters: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("adapters")
      .ifNotExists()
      .addColumn("id", "uuid", (column) => column.primaryKey().defaultTo(sql`gen_random_uuid()`))
      .addColumn("name", "text", (column) => column.notNull().unique())
      .addColumn("base_model", "text", (column) => column.notNull())
      .addColumn("version", "integer", (column) => column.notNull().check(sql`version >= 1`))
      .addColumn("uri", "text", (column) => column.notNull())
      .addColumn("sha256", "text", (column) => column.notNull())
      .addColumn("owner", "text", (column) => column.check(sql`owner <> ''`))
      .addColumn("domain", "text", (column) => column.notNull())
      .addColumn("status", "text", (column) =>
        column.notNull().defaultTo("staged").check(sql`status in ('staged', 'active', 'retired')`),
      )
      .addColumn("created_at", "timestamptz", (column) => column.notNull().defaultTo(sql`now()`))
      .execute();
    // `coalesce`: to a unique index two nulls differ, and there must be one domain-wide adapter, not many.
    await sql`create unique index if not exists adapters_version
      on adapters (coalesce(owner, ''), domain, version)`.execute(db);
    await sql`create unique index if not exists adapters_one_active
      on adapters (coalesce(owner, ''), domain) where status = 'active'`.execute(db);
    await db.schema
      .createTable("adapter_activations")
      .ifNotExists()
      .addColumn("id", "integer", (column) => column.primaryKey().generatedAlwaysAsIdentity())
      .addColumn("at", "timestamptz", (column) => column.notNull().defaultTo(sql`now()`))
      .addColumn("who", "text", (column) => column.notNull())
      .addColumn("action", "text", (column) =>
        column.notNull().check(sql`action in ('activate', 'rollback', 'retire')`),
      )
      .addColumn("owner", "text")
      .addColumn("domain", "text", (column) => column.notNull())
      .addColumn("from_name", "text", (column) => column.references("adapters.name"))
      .addColumn("to_name", "text", (column) => column.references("adapters.name"))
      .execute();
    await db.schema
      .createIndex("adapter_activations_pointer")
      .ifNotExists()
      .on("adapter_activations")
      .columns(["domain", "owner", "id"])
      .execute();
  },
};

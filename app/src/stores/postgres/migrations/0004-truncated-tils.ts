import { type Kysely, type Migration, sql } from "kysely";

export const truncatedTils: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table tils add column if not exists truncated boolean not null default false`.execute(db);
  },
};

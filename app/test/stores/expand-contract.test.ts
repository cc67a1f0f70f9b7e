import { describe, expect, it } from "@jest/globals";
import { type Kysely, type Migration, sql } from "kysely";
import { MIGRATIONS } from "../../src/stores/postgres/migrations/all-migrations";
import { violations } from "./expand-contract";

describe("MIGRATIONS", () => {
  it("have names in their order", () => {
    const names = Object.keys(MIGRATIONS);
    expect(names).toEqual([...names].sort());
    expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, index) => index + 1));
    for (const name of names) expect(name).toMatch(/^\d{4}-[a-z0-9-]+$/);
  });

  it.each(Object.entries(MIGRATIONS))("%s is compatible with gateways of the last release", async (name, step) => {
    expect(await violations(name, step)).toEqual([]);
  });
});

const raw = (statement: string): Migration => ({
  up: async (db: Kysely<unknown>) => {
    await sql.raw(statement).execute(db);
  },
});

describe('the rule "expand, then contract"', () => {
  it.each([
    ["alter table tils drop column adapter", "drops something"],
    ["drop table if exists tils", "drops something"],
    ["drop index concurrently if exists tils_user_name_date", "drops something"],
    ["alter table tils rename column title to heading", "renames"],
    ["alter table tils rename to notes", "renames"],
    ["alter table tils alter column date type timestamptz", "type"],
    ["alter table tils alter column adapter set not null", "null"],
    ["alter table tils add column mood text not null", "does not write the new column"],
    ["alter table tils add mood text not null", "does not write the new column"],
    ["delete from tils", "deletes rows"],
    ["create table notes (id uuid)", "run twice"],
    ["create index notes_id on notes (id)", "run twice"],
  ])("%s", async (statement, why) => {
    expect((await violations("0003-x", raw(statement))).join()).toContain(why);
  });

  it("a column that kysely adds", async () => {
    const step: Migration = {
      up: (db) =>
        db.schema
          .alterTable("tils")
          .addColumn("mood", "text", (column) => column.notNull())
          .execute(),
    };
    expect((await violations("0003-x", step)).join()).toContain("does not write the new column");
  });

  it("allows what only adds", async () => {
    for (const statement of [
      "alter table tils add column if not exists mood text",
      "alter table tils add column if not exists mood text not null default 'calm'",
      "create index concurrently if not exists tils_mood on tils (mood)",
      "create table if not exists notes (id uuid not null)",
    ]) {
      expect(await violations("0003-x", raw(statement))).toEqual([]);
    }
    expect(await violations("0009-contract-since-0005-x", raw("alter table tils drop column mood"))).toEqual([]);
  });
});

import { sql } from "kysely";
import type { Sql } from "../../../stores/postgres/database";
import { BackupError } from "../backup-error";

/** Tables that record a database's state, and so are not restored. */
const NO_DATA: readonly string[] = ["schema_migrations", "schema_migrations_lock", "backups"];

/** A table of the app. */
export interface TableInfo {
  readonly name: string;
  /** Columns that can be written. */
  readonly columns: readonly string[];
  /** Columns of the primary key; empty where there is none. */
  readonly key: readonly string[];
  /** Tables that its foreign keys refer to, itself left out. */
  readonly refersTo: readonly string[];
  /** Columns whose numbers a sequence gives. */
  readonly numbered: readonly string[];
}

/** The schema that unqualified names mean on this connection. */
export async function currentSchema(db: Sql): Promise<string> {
  const { rows } = await sql<{ name: string | null }>`select current_schema() as name`.execute(db);
  const name = rows[0]?.name;
  if (typeof name !== "string") throw new BackupError("the database has no schema on its search path");
  return name;
}

/**
 * Tables of a schema that hold data, each after those that it refers to. Read from the catalogue: no table is
 * forgotten.
 */
export async function dataTables(db: Sql, schema: string): Promise<readonly TableInfo[]> {
  const { rows } = await sql<TableInfo>`
    select t.relname as name,
      array(select attname::text from pg_attribute
        where attrelid = t.oid and attnum > 0 and not attisdropped and attgenerated = '' order by attnum) as columns,
      array(select a.attname::text from pg_index i
        cross join lateral unnest(i.indkey::int2[]) with ordinality as k (attnum, place)
        join pg_attribute a on a.attrelid = t.oid and a.attnum = k.attnum
        where i.indrelid = t.oid and i.indisprimary order by k.place) as key,
      array(select distinct r.relname::text from pg_constraint c join pg_class r on r.oid = c.confrelid
        where c.conrelid = t.oid and c.contype = 'f' and c.confrelid <> t.oid) as "refersTo",
      array(select attname::text from pg_attribute
        where attrelid = t.oid and attnum > 0 and not attisdropped
          and pg_get_serial_sequence(format('%I.%I', ${schema}::text, t.relname), attname) is not null) as numbered
    from pg_class t join pg_namespace n on n.oid = t.relnamespace
    where n.nspname = ${schema} and t.relkind in ('r', 'p') and not t.relispartition
      and t.relname <> all (${NO_DATA}::text[])
    order by t.relname`.execute(db);
  return inOrder(rows);
}

/** Each table after those that it refers to; by name where nothing else decides. */
export function inOrder(tables: readonly TableInfo[]): readonly TableInfo[] {
  const ordered: TableInfo[] = [];
  let left = [...tables];
  while (left.length > 0) {
    const names = new Set(left.map(({ name }) => name));
    const free = left.filter(({ refersTo }) => !refersTo.some((name) => names.has(name)));
    if (free.length === 0) throw new BackupError(`tables refer to each other in a circle: ${[...names].join(", ")}`);
    ordered.push(...free);
    left = left.filter((table) => !free.includes(table));
  }
  return ordered;
}

/** Rows that are read at once. */
const PAGE = 500;

/**
 * A table's rows as lines of JSON, in the order of the primary key. Inside a transaction, which gives all tables one
 * point in time. Times are in UTC, so that a row is the same line on every server.
 */
export async function* rowsAsLines(transaction: Sql, schema: string, table: TableInfo): AsyncGenerator<string> {
  const from = sql.id(schema, table.name);
  const order =
    table.key.length === 0 ? sql`` : sql`order by ${sql.join(table.key.map((column) => sql.id("t", column)))}`;
  await sql`set local time zone 'UTC'`.execute(transaction);
  await sql`declare backup_rows no scroll cursor for select to_jsonb(t)::text as line from ${from} t ${order}`.execute(
    transaction,
  );
  for (;;) {
    const { rows } = await sql<{ line: string }>`fetch ${sql.lit(PAGE)} from backup_rows`.execute(transaction);
    for (const { line } of rows) yield line;
    if (rows.length < PAGE) break;
  }
  await sql`close backup_rows`.execute(transaction);
}

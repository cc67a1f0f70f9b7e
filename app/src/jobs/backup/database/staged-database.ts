import { type Migration, sql } from "kysely";
import type { Sql } from "../../../stores/postgres/database";
import { MIGRATIONS } from "../../../stores/postgres/migrations/all-migrations";
import { BackupError } from "../backup-error";
import type { DatabaseManifest } from "../manifest";
import { type Parts, sha256OfLines } from "../parts";
import type { Report } from "../report";
import { checkSteps } from "./schema-steps";
import { dataTables, rowsAsLines, type TableInfo } from "./tables";

/** Schema into which a backup is restored. What an interrupted restore left there is thrown away by the next. */
export const STAGED = "terrace_restore";

/** Rows that are written at once. */
const PAGE = 500;

/**
 * Fills a schema of its own with a backup, compares every row with it, and brings it to this release's steps. The tables
 * in use are not touched.
 * @throws BackupError where this release cannot read the backup, the database does not let it, or what was restored is
 * not what was backed up
 */
export async function stageDatabase(db: Sql, manifest: DatabaseManifest, parts: Parts, report: Report): Promise<void> {
  checkSteps(manifest);
  await mayMakeSchemas(db);
  await dropStagedDatabase(db);
  await sql`create schema ${sql.id(STAGED)}`.execute(db);
  await migrated(db, manifest.steps);
  const tables = await dataTables(db, STAGED);
  for (const { name, part } of manifest.tables) {
    const table = tables.find((known) => known.name === name);
    if (table === undefined) throw new BackupError(`the backup has a table ${name}, which its own steps do not make`);
    await parts.readLines(part, async (lines) => {
      await fill(db, table, report.counted(lines, `${name}: rows restored`));
    });
    await db.transaction().execute(async (reading) => {
      const sha256 = await sha256OfLines(rowsAsLines(reading, STAGED, table));
      if (sha256 !== part.linesSha256) throw new BackupError(`${name}: what was restored is not what was backed up`);
    });
  }
  await migrated(db, Object.keys(MIGRATIONS).sort().slice(manifest.steps.length));
}

export async function dropStagedDatabase(db: Sql): Promise<void> {
  await sql`drop schema if exists ${sql.id(STAGED)} cascade`.execute(db);
}

async function mayMakeSchemas(db: Sql): Promise<void> {
  const { rows } = await sql<{ may: boolean; database: string; role: string }>`
    select has_database_privilege(current_database(), 'create') as may,
      quote_ident(current_database()) as database, quote_ident(current_user) as role`.execute(db);
  const [row] = rows;
  if (row?.may === true) return;
  throw new BackupError(
    `PostgreSQL's user may not make schemas here: GRANT CREATE ON DATABASE ${row?.database} TO ${row?.role}`,
  );
}

/** Runs steps inside the staged schema. */
async function migrated(db: Sql, names: readonly string[]): Promise<void> {
  const steps: Readonly<Record<string, Migration>> = MIGRATIONS;
  await db.transaction().execute(async (transaction) => {
    await sql`select set_config('search_path', ${STAGED}, true)`.execute(transaction);
    for (const name of names) await steps[name]?.up(transaction);
  });
}

async function fill(db: Sql, table: TableInfo, lines: AsyncIterable<string>): Promise<void> {
  let page: string[] = [];
  for await (const line of lines) {
    page.push(line);
    if (page.length < PAGE) continue;
    await insert(db, table, page);
    page = [];
  }
  await insert(db, table, page);
  for (const column of table.numbered) await continueNumbers(db, table, column);
}

/** The lines go to PostgreSQL as they are: no number or time is read by anybody else on the way. */
async function insert(db: Sql, { name, columns }: TableInfo, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  const into = sql.id(STAGED, name);
  const list = sql.join(columns.map((column) => sql.id(column)));
  await sql`insert into ${into} (${list}) overriding system value
    select ${list} from jsonb_populate_recordset(null::${into}, ${`[${lines.join(",")}]`}::jsonb)`.execute(db);
}

/** The next number is the one after the highest. */
async function continueNumbers(db: Sql, { name }: TableInfo, column: string): Promise<void> {
  await sql`select setval(pg_get_serial_sequence(format('%I.%I', ${STAGED}::text, ${name}::text), ${column}),
    coalesce(max(${sql.id(column)}), 1), max(${sql.id(column)}) is not null) from ${sql.id(STAGED, name)}`.execute(db);
}

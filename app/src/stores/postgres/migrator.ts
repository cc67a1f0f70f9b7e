import { type Migration, Migrator, sql } from "kysely";
import type { Sql } from "./database";
import { MIGRATIONS } from "./migrations/all-migrations";

/** Table of the steps that have run. */
const TABLE = "schema_migrations";
const LOCK_TABLE = "schema_migrations_lock";

type Steps = Readonly<Record<string, Migration>>;

/** A database's schema compared with this release's steps. */
export interface SchemaState {
  /** Known steps that have not run. */
  readonly pending: readonly string[];
  /** Steps that ran and are not in this release: a newer one was, or is, at work. */
  readonly unknown: readonly string[];
  /** Why this release may not work on the schema. @default it may */
  readonly problem: string | undefined;
}

/** `NNNN-contract-since-MMMM-what`: see {@link MIGRATIONS}. */
const CONTRACT = /^\d{4}-contract-since-(\d{4})-/;

/** Reads which steps have run. Changes nothing. */
export async function schemaState(db: Sql, steps: Steps = MIGRATIONS): Promise<SchemaState> {
  const { rows: found } = await sql<{ there: boolean }>`select to_regclass(${TABLE}) is not null as there`.execute(db);
  const ran = found[0]?.there
    ? await sql<{ name: string }>`select name from ${sql.table(TABLE)}`.execute(db)
    : { rows: [] };
  const names = new Set(ran.rows.map(({ name }) => name));
  const pending = Object.keys(steps)
    .filter((name) => !names.has(name))
    .sort();
  const unknown = [...names].filter((name) => !(name in steps)).sort();
  return { pending, unknown, problem: problemOf(pending, unknown, Object.keys(steps).sort()) };
}

function problemOf(
  pending: readonly string[],
  unknown: readonly string[],
  known: readonly string[],
): string | undefined {
  const newest = known.at(-1)?.slice(0, 4) ?? "";
  const gone = unknown.find((name) => (CONTRACT.exec(name)?.[1] ?? "") > newest);
  if (gone !== undefined) return `it is ahead of this release: ${gone} took away what this release needs`;
  if (pending.length === 0) return undefined;
  if (unknown.length > 0)
    return `it belongs to another line of releases: it has ${unknown.join(", ")}, but not ${pending.join(", ")}`;
  return `it is behind this release: ${pending.join(", ")} ${pending.length === 1 ? "has" : "have"} not run`;
}

export interface MigrateOptions {
  /** @default this release's */
  readonly steps?: Steps;
  /** Called with each step before it runs. */
  readonly onStep?: (name: string) => void;
}

/**
 * Runs every pending step, all in one transaction, while no other migrator runs (an advisory lock). Where a newer
 * release is ahead, nothing is left to do.
 * @returns names of the steps that ran
 * @throws Error in a person's words where the schema belongs to another line of releases, or a step fails (nothing changed)
 */
export async function migrate(db: Sql, options: MigrateOptions = {}): Promise<readonly string[]> {
  const { steps = MIGRATIONS, onStep = () => {} } = options;
  const { pending, unknown, problem } = await schemaState(db, steps);
  if (pending.length === 0) return [];
  if (unknown.length > 0) throw new Error(`The database cannot be migrated: ${problem}.`);
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => announced(steps, onStep) },
    migrationTableName: TABLE,
    migrationLockTableName: LOCK_TABLE,
  });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error !== undefined) {
    const failed = results.find(({ status }) => status === "Error");
    throw new Error(failed ? `${failed.migrationName} failed; nothing was changed` : "Migrating failed", {
      cause: error,
    });
  }
  return results.filter(({ status }) => status === "Success").map(({ migrationName }) => migrationName);
}

function announced(steps: Steps, onStep: (name: string) => void): Record<string, Migration> {
  const entries = Object.entries(steps).map(([name, { up }]) => [
    name,
    {
      up: async (db: Parameters<Migration["up"]>[0]) => {
        onStep(name);
        await up(db);
      },
    },
  ]);
  return Object.fromEntries(entries);
}

import { sql } from "kysely";
import type { Sql } from "../../../stores/postgres/database";
import { schemaState } from "../../../stores/postgres/migrator";
import { BackupError } from "../backup-error";
import { STAGED } from "./staged-database";
import { currentSchema, dataTables } from "./tables";

/** Schema that keeps what the last restore replaced, until the next one. */
export const REPLACED = "terrace_replaced";
/** Milliseconds to wait for a table's lock: meanwhile every other query waits too. */
const LOCK_TIMEOUT_MS = 10_000;

/**
 * Puts the staged tables in the place of those in use, in one transaction: gateways see all of the one or all of the
 * other. Owners and grants stay as they are. What is replaced stays in a schema of its own until the next swap.
 * @throws BackupError where a newer release is at work on the database, or a table stays busy; nothing is changed then
 */
export async function swapDatabase(db: Sql, { lockTimeoutMs = LOCK_TIMEOUT_MS } = {}): Promise<void> {
  const { unknown } = await schemaState(db);
  if (unknown.length > 0) {
    throw new BackupError(
      `the database is ahead of this release (${unknown.join(", ")}): restore with the release that it runs`,
    );
  }
  await db.transaction().execute(async (transaction) => {
    await sql`select set_config('lock_timeout', ${String(lockTimeoutMs)}, true)`.execute(transaction);
    const live = await currentSchema(transaction);
    const inUse = new Set((await dataTables(transaction, live)).map(({ name }) => name));
    await sql`drop schema if exists ${sql.id(REPLACED)} cascade`.execute(transaction);
    await sql`create schema ${sql.id(REPLACED)}`.execute(transaction);
    for (const { name } of await dataTables(transaction, STAGED)) {
      if (inUse.has(name)) {
        await takeOverRights(transaction, live, name);
        await sql`alter table ${sql.id(live, name)} set schema ${sql.id(REPLACED)}`.execute(transaction);
      }
      await sql`alter table ${sql.id(STAGED, name)} set schema ${sql.id(live)}`.execute(transaction);
    }
    await sql`drop schema ${sql.id(STAGED)} cascade`.execute(transaction);
  });
}

/** A table of another owner, or without its grants, would be closed to the gateways. */
async function takeOverRights(db: Sql, live: string, table: string): Promise<void> {
  const { rows: owners } = await sql<{ owner: string; mine: boolean }>`
    select pg_get_userbyid(relowner) as owner, relowner = current_user::regrole as mine
    from pg_class where oid = format('%I.%I', ${live}::text, ${table}::text)::regclass`.execute(db);
  const { rows: grants } = await sql<{ grantee: string | null; privilege: string; grantable: boolean }>`
    select r.rolname as grantee, a.privilege_type as privilege, a.is_grantable as grantable
    from pg_class c cross join lateral aclexplode(c.relacl) a left join pg_roles r on r.oid = a.grantee
    where c.oid = format('%I.%I', ${live}::text, ${table}::text)::regclass and a.grantee <> c.relowner`.execute(db);
  const staged = sql.id(STAGED, table);
  for (const { grantee, privilege, grantable } of grants) {
    const to = grantee === null ? sql`public` : sql.id(grantee);
    const option = grantable ? sql`with grant option` : sql``;
    await sql`grant ${sql.raw(privilege)} on ${staged} to ${to} ${option}`.execute(db);
  }
  const [owner] = owners;
  if (owner !== undefined && !owner.mine) await sql`alter table ${staged} owner to ${sql.id(owner.owner)}`.execute(db);
}

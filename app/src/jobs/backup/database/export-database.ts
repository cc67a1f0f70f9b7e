import { sql } from "kysely";
import type { Sql } from "../../../stores/postgres/database";
import type { DatabaseManifest } from "../manifest";
import type { Parts } from "../parts";
import type { Report } from "../report";
import { currentSchema, dataTables, rowsAsLines } from "./tables";

/**
 * Copies every table into parts, as it is at one moment: one read-only transaction sees them all, and no writer
 * meanwhile waits. The connection must have no statement timeout.
 */
export async function exportDatabase(db: Sql, parts: Parts, report: Report): Promise<DatabaseManifest> {
  const transaction = db.transaction().setIsolationLevel("repeatable read").setAccessMode("read only");
  return transaction.execute(async (reading) => {
    const schema = await currentSchema(reading);
    const steps = await sql<{
      name: string;
    }>`select name from ${sql.id(schema, "schema_migrations")} order by name`.execute(reading);
    const tables = [];
    for (const table of await dataTables(reading, schema)) {
      const { name } = table;
      const part = await parts.writeLines(
        `database.${name}.ndjson.gz`,
        report.counted(rowsAsLines(reading, schema, table), `${name}: rows copied`),
      );
      tables.push({ name, part });
    }
    return { steps: steps.rows.map(({ name }) => name), tables };
  });
}

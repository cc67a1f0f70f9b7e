import type { Migration } from "kysely";
import { tils } from "./0001-tils";
import { adapters } from "./0002-adapters";
import { backups } from "./0003-backups";
import { truncatedTils } from "./0004-truncated-tils";

/**
 * Every step of the schema, by name: the order of names is the order in which they run. A static list, because the app
 * is one bundle and has no folder to read.
 *
 * The rule is **expand, then contract**: while a release rolls out, gateways of the last release work on the schema of
 * the new one. So a step only adds: tables, nullable columns or columns with a default, indexes. Nothing is renamed,
 * dropped or narrowed, until no running release uses it. That later step is named `NNNN-contract-since-MMMM-what`,
 * where MMMM is the step that came with the first release that does without it: a gateway without MMMM refuses to
 * start on such a schema.
 *
 * Steps that have run anywhere are never edited. Each one may be run twice: `if not exists`.
 */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "0001-tils": tils,
  "0002-adapters": adapters,
  "0003-backups": backups,
  "0004-truncated-tils": truncatedTils,
};

import type { AdapterTables } from "./adapters-table";
import type { BackupTables } from "./backups-table";
import type { TilTables } from "./tils-table";

/** Every table that the gateway reads or writes; a group of tables adds its own interface. */
export interface Tables extends TilTables, AdapterTables, BackupTables {}

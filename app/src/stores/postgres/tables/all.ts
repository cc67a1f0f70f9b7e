import type { AdapterTables } from "./adapters";
import type { TilTables } from "./tils";

/** Every table that the gateway reads or writes; a group of tables adds its own interface. */
export interface Tables extends TilTables, AdapterTables {}

import { Coordination } from "../../src/stores/coordination/coordination";
import { MemoryCoordinationStore } from "../../src/stores/coordination/memory-store";
import type { Stores } from "../../src/stores/open-stores";
import { absentDatabase } from "../../src/stores/postgres/absent-database";
import type { Database } from "../../src/stores/postgres/database";
import { ResponseCache } from "../../src/stores/response-cache";

export interface TestStoresOptions {
  /** @default none: every query is answered STORE_UNAVAILABLE */
  readonly database?: Database;
  /** @default within this process */
  readonly coordination?: Coordination;
  /** @default 0: no answer is cached */
  readonly cacheTtlSeconds?: number;
}

/** What a gateway under test works with. */
export function testStores(
  options: TestStoresOptions = {},
): Pick<Stores, "database" | "coordination" | "responseCache"> {
  const coordination =
    options.coordination ??
    new Coordination({ store: new MemoryCoordinationStore(), lockTtlSeconds: 60, lockRequired: false });
  return {
    database: options.database ?? absentDatabase(),
    coordination,
    responseCache: new ResponseCache({ coordination, ttlSeconds: options.cacheTtlSeconds ?? 0 }),
  };
}

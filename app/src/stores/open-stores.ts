import type { Config } from "../config/config";
import type { Coordination } from "./coordination/coordination";
import { openCoordination } from "./coordination/open-coordination";
import type { Database } from "./postgres/database";
import { type OpenPostgres, openPostgres } from "./postgres/open-postgres";
import { ResponseCache } from "./response-cache";

/** A store under its name in `gateway_dependency_up`. */
export type StoreName = "postgresql" | "redis";

/** A store that can be away. */
export interface RemoteStore {
  /** Whether it hangs, as far as is known: nothing is sent to it until it answers a probe. */
  readonly hangs: boolean;
  /** @throws AppError `STORE_UNAVAILABLE` where it does not answer */
  check(): Promise<void>;
}

export interface OpenStoresOptions {
  readonly config: Pick<Config, "stores" | "metadataUrl">;
  /** Prints a line at start. */
  readonly onProgress: (line: string) => void;
  /** Called when a store stops and starts to answer. */
  readonly onState: (store: StoreName, up: boolean) => void;
}

/** Everything that outlives a request. */
export interface Stores {
  readonly database: Database;
  /** `absent`: there is none, and every query is refused. */
  readonly databaseKind: OpenPostgres["kind"];
  readonly coordination: Coordination;
  readonly responseCache: ResponseCache;
  /** Each store that can be away: every server, the embedded PostgreSQL among them. */
  readonly remote: ReadonlyMap<StoreName, RemoteStore>;
  /** Last of all at shutdown: requests in flight may still use the stores. */
  close(): Promise<void>;
}

/**
 * Opens every store, the configured one or its embedded twin, side by side.
 * @throws ConfigError where one cannot be used, with what to do
 */
export async function openStores({ config, onProgress, onState }: OpenStoresOptions): Promise<Stores> {
  const { stores, metadataUrl } = config;
  const common = { stores, metadataUrl, onProgress };
  const [coordinating, connecting] = await Promise.allSettled([
    openCoordination({ ...common, onState: (up) => onState("redis", up) }),
    openPostgres({ ...common, onState: (up) => onState("postgresql", up) }),
  ]);
  if (coordinating.status === "rejected" || connecting.status === "rejected") {
    for (const opened of [coordinating, connecting]) if (opened.status === "fulfilled") await opened.value.close();
    throw firstFailure([coordinating, connecting]);
  }
  const coordination = coordinating.value;
  const postgres = connecting.value;
  const { database } = postgres;
  const remote = new Map<StoreName, RemoteStore>();
  if (postgres.kind !== "absent") remote.set("postgresql", database);
  if (stores.redisUrl !== undefined) remote.set("redis", coordination);
  return {
    database,
    databaseKind: postgres.kind,
    coordination,
    responseCache: new ResponseCache({ coordination, ttlSeconds: stores.cacheTtlSeconds }),
    remote,
    async close() {
      await coordination.close();
      await postgres.close();
    },
  };
}

function firstFailure(results: readonly PromiseSettledResult<unknown>[]): unknown {
  return results.find((result) => result.status === "rejected")?.reason;
}

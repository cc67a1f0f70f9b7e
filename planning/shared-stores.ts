/** Stores that all gateways share. Accounts log in; no password exists. */
import { ENV } from "../app/src/contract/variables";
import { DATA_PORTS } from "./data-ports";

/** The stores' certificate authorities, as a gateway's container sees them. Public. */
export const AUTHORITIES = {
  directory: "/etc/terrace/authorities",
  postgres: "postgres.pem",
  redis: "redis.pem",
} as const;

export const AUTHORITY_FILES: readonly string[] = [AUTHORITIES.postgres, AUTHORITIES.redis];

export interface SharedStores {
  readonly postgresHost: string;
  readonly database: string;
  /** E-mail address of the gateway's account. */
  readonly account: string;
  /** Of one gateway. */
  readonly databasePoolMax: number;
  /** Of Valkey. */
  readonly redisHost: string;
  readonly vectorStoreHost: string;
  /** Holds the files of {@link AUTHORITIES}. */
  readonly authoritiesBucket: string;
}

/** Cloud SQL leaves the common end out. https://cloud.google.com/sql/docs/postgres/iam-authentication */
export function iamUserName(email: string): string {
  return email.replace(/\.gserviceaccount\.com$/, "");
}

export function storeVariables(stores: SharedStores): Record<string, string> {
  const user = encodeURIComponent(iamUserName(stores.account));
  return {
    [ENV.databaseUrl]: `postgresql://${user}@${stores.postgresHost}:${DATA_PORTS.postgres}/${stores.database}`,
    [ENV.databaseAuth]: "google-iam",
    [ENV.databaseCaFile]: `${AUTHORITIES.directory}/${AUTHORITIES.postgres}`,
    [ENV.databasePoolMax]: String(stores.databasePoolMax),
    [ENV.redisUrl]: `rediss://${stores.redisHost}:${DATA_PORTS.redis}`,
    [ENV.redisAuth]: "google-iam",
    [ENV.redisCaFile]: `${AUTHORITIES.directory}/${AUTHORITIES.redis}`,
    // Gateways side by side would do work twice without the lock.
    [ENV.lockRequired]: "true",
    [ENV.qdrantUrl]: `http://${stores.vectorStoreHost}:${DATA_PORTS.vectorStore}`,
  };
}

/** Cloud SQL's default of `max_connections` by memory. https://cloud.google.com/sql/docs/postgres/flags#postgres-m */
const MAX_CONNECTIONS: readonly (readonly [fromMib: number, connections: number])[] = [
  [122_880, 1000],
  [61_440, 800],
  [30_720, 600],
  [15_360, 500],
  [7_680, 400],
  [6_144, 200],
  [3_840, 100],
  [0, 50],
];

/** The rest is for migrations, backups, people, and a rollout's extra pods. */
const GATEWAYS_SHARE = 0.8;
/** Source: R-57 (pool 20, overflow 30). */
const MOST_CONNECTIONS = 50;

/** Most of one gateway, so that all together never use up the server. At least 1. */
export function databasePool({
  memoryMib,
  gateways,
}: {
  readonly memoryMib: number;
  readonly gateways: number;
}): number {
  const connections = MAX_CONNECTIONS.find(([from]) => memoryMib >= from)?.[1] ?? 0;
  return Math.max(1, Math.min(MOST_CONNECTIONS, Math.floor((connections * GATEWAYS_SHARE) / gateways)));
}

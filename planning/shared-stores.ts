/** The stores that all gateways of an environment share: how they are reached and logged in to. No password exists. */
import { ENV } from "../app/src/contract";
import { DATA_PORTS } from "./data-ports";

/** Certificates of the authorities that signed the stores' own, as a gateway's container sees them. Public. */
export const AUTHORITIES = {
  directory: "/etc/terrace/authorities",
  postgres: "postgres.pem",
  redis: "redis.pem",
} as const;

/** Names of the files in {@link AUTHORITIES}. */
export const AUTHORITY_FILES: readonly string[] = [AUTHORITIES.postgres, AUTHORITIES.redis];

/** Where the stores are, and as whom a gateway comes. */
export interface SharedStores {
  /** Private host name of PostgreSQL. */
  readonly postgresHost: string;
  readonly database: string;
  /** E-mail address of the service account that the gateway acts as: PostgreSQL knows it by {@link iamUserName}. */
  readonly account: string;
  /** Most connections of one gateway to PostgreSQL. */
  readonly databasePoolMax: number;
  /** Private host name of Valkey. */
  readonly redisHost: string;
  /** Host name of the vector store. */
  readonly vectorStoreHost: string;
  /** Bucket with the files of {@link AUTHORITIES}. */
  readonly authoritiesBucket: string;
}

/**
 * The database user of a service account: PostgreSQL names are at most 63 bytes, so Cloud SQL leaves the common end out.
 * https://cloud.google.com/sql/docs/postgres/iam-authentication
 */
export function iamUserName(email: string): string {
  return email.replace(/\.gserviceaccount\.com$/, "");
}

/** The gateway's variables for them; also those of a job that reads or writes the stores. */
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
    // Shared stores are for gateways that run side by side: without its lock, work would be done twice.
    [ENV.lockRequired]: "true",
    [ENV.qdrantUrl]: `http://${stores.vectorStoreHost}:${DATA_PORTS.vectorStore}`,
  };
}

/**
 * Cloud SQL's default of `max_connections`: from so many MiB of memory, so many connections.
 * https://cloud.google.com/sql/docs/postgres/flags#postgres-m
 */
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

/** Share of the connections that gateways get; the rest is for migrations, backups, people, and a rollout's extra pods. */
const GATEWAYS_SHARE = 0.8;
/** The gateway's own default. Source: R-57 (pool 20, overflow 30). */
const MOST_CONNECTIONS = 50;

/** Connections that each of so many gateways may open, so that together they never use up the server. At least 1. */
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

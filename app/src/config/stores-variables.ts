import { z } from "zod";
import { ENV } from "../contract";
import { flag, variable, wholeNumber } from "./variable";

/** Defaults, each with its source. */
const DEFAULTS = {
  /** Source: R-57 (pool 20, overflow 30; Node's pool has no overflow). */
  databasePoolMax: 50,
  /** Source: R-75. */
  lockTtlSeconds: 3_600,
  /** Source: R-49. */
  cacheTtlSeconds: 3_600,
} as const;

/** How a store lets the gateway in. */
const STORE_LOGINS = ["password", "google-iam"] as const;

/** Where data lives. */
export const STORES_VARIABLES = {
  dataDir: variable({
    name: ENV.dataDir,
    about: "Folder of the embedded stores",
    unit: "path",
    unset: "`.terrace/data` in the working directory",
    rule: "a path",
    example: "/var/lib/terrace",
    schema: z.string().min(1).default(".terrace/data"),
  }),
  replicas: variable({
    name: ENV.replicas,
    about: "Gateways that run side by side; the embedded stores refuse more than one",
    unit: "gateways",
    unset: "1",
    rule: "a whole number from 1 to 1000",
    example: "3",
    schema: wholeNumber(1, 1_000).default(1),
  }),
  databaseUrl: variable({
    name: ENV.databaseUrl,
    about: "PostgreSQL; a secret where it holds a password",
    unit: "URL",
    unset: "an embedded PostgreSQL in `DATA_DIR`",
    rule: "a postgresql:// URL",
    example: "postgresql://terrace@10.0.0.5/terrace",
    secret: true,
    schema: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  }),
  databaseAuth: variable({
    name: ENV.databaseAuth,
    about: "How to log in: the URL's password, or the metadata server's access token",
    unit: "name",
    unset: "`password`",
    rule: "password or google-iam",
    example: "google-iam",
    schema: z.enum(STORE_LOGINS).default("password"),
  }),
  databasePoolMax: variable({
    name: ENV.databasePoolMax,
    about: "Most connections to PostgreSQL",
    unit: "connections",
    unset: String(DEFAULTS.databasePoolMax),
    rule: "a whole number from 1 to 1000",
    example: "20",
    schema: wholeNumber(1, 1_000).default(DEFAULTS.databasePoolMax),
  }),
  databaseCaFile: variable({
    name: ENV.databaseCaFile,
    about: "Authority that signed PostgreSQL's certificate; set, the connection is encrypted and checked",
    unit: "path of a PEM file",
    unset: "the URL's sslmode decides",
    rule: "a path",
    example: "/etc/terrace/postgresql-ca.pem",
    schema: z.string().min(1).optional(),
  }),
  redisUrl: variable({
    name: ENV.redisUrl,
    about: "Redis or Valkey; a secret where it holds a password",
    unit: "URL",
    unset: "locks, limits and cache live in this process",
    rule: "a redis:// or rediss:// URL",
    example: "rediss://10.0.0.6:6379",
    secret: true,
    schema: z.url({ protocol: /^rediss?$/ }).optional(),
  }),
  redisAuth: variable({
    name: ENV.redisAuth,
    about: "How to log in: the URL's password, or the metadata server's access token",
    unit: "name",
    unset: "`password`",
    rule: "password or google-iam",
    example: "google-iam",
    schema: z.enum(STORE_LOGINS).default("password"),
  }),
  redisCaFile: variable({
    name: ENV.redisCaFile,
    about: "Authority that signed Redis's certificate",
    unit: "path of a PEM file",
    unset: "the system's authorities",
    rule: "a path",
    example: "/etc/terrace/valkey-ca.pem",
    schema: z.string().min(1).optional(),
  }),
  lockTtlSeconds: variable({
    name: ENV.lockTtlSeconds,
    about: "How long a lock lives without being renewed",
    unit: "s",
    unset: String(DEFAULTS.lockTtlSeconds),
    rule: "a whole number from 1 to 86400",
    example: String(DEFAULTS.lockTtlSeconds),
    schema: wholeNumber(1, 86_400).default(DEFAULTS.lockTtlSeconds),
  }),
  lockRequired: variable({
    name: ENV.lockRequired,
    about: "Answer 503 rather than work unlocked while Redis is away",
    unit: "true or false",
    unset: "`false`",
    rule: "true or false",
    example: "true",
    schema: flag(false),
  }),
  cacheTtlSeconds: variable({
    name: ENV.cacheTtlSeconds,
    about: "How long an answer is kept in the response cache; 0 keeps none",
    unit: "s",
    unset: String(DEFAULTS.cacheTtlSeconds),
    rule: "a whole number from 0 to 604800",
    example: String(DEFAULTS.cacheTtlSeconds),
    schema: wholeNumber(0, 604_800).default(DEFAULTS.cacheTtlSeconds),
  }),
} as const;

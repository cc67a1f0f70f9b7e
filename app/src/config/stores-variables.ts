import { z } from "zod";
import { ENV } from "../contract/variables";
import { choice, flag, path, wholeNumber } from "./value-kinds";
import { optionalVariable, variable } from "./variable";

/** How the gateway logs in to a store. */
const storeLogin = choice(["password", "google-iam"]);

/** Where data lives. */
export const STORES_VARIABLES = {
  dataDir: variable({
    name: ENV.dataDir,
    about: "Folder of the embedded stores",
    value: path(),
    default: ".terrace/data",
    example: "/var/lib/terrace",
  }),
  replicas: variable({
    name: ENV.replicas,
    about: "Gateways that run side by side; the embedded stores refuse more than one",
    value: wholeNumber({ from: 1, to: 1_000, unit: "gateways" }),
    default: 1,
    example: 3,
  }),
  databaseUrl: optionalVariable({
    name: ENV.databaseUrl,
    about: "PostgreSQL; a secret where it holds a password",
    value: { unit: "URL", rule: "a postgresql:// URL", schema: z.url({ protocol: /^postgres(ql)?$/ }) },
    secret: true,
    unset: "an embedded PostgreSQL in `DATA_DIR`",
    example: "postgresql://terrace@10.0.0.5/terrace",
  }),
  databaseAuth: variable({
    name: ENV.databaseAuth,
    about: "How to log in: the URL's password, or the metadata server's access token",
    value: storeLogin,
    default: "password",
  }),
  databasePoolMax: variable({
    name: ENV.databasePoolMax,
    about: "Most connections to PostgreSQL",
    value: wholeNumber({ from: 1, to: 1_000, unit: "connections" }),
    /** Source: R-57 (pool 20, overflow 30; Node's pool has no overflow). */
    default: 50,
    example: 20,
  }),
  databaseCaFile: optionalVariable({
    name: ENV.databaseCaFile,
    about: "Authority that signed PostgreSQL's certificate; set, the connection is encrypted and checked",
    value: path("path of a PEM file"),
    unset: "the URL's sslmode decides",
    example: "/etc/terrace/postgresql-ca.pem",
  }),
  redisUrl: optionalVariable({
    name: ENV.redisUrl,
    about: "Redis or Valkey; a secret where it holds a password",
    value: { unit: "URL", rule: "a redis:// or rediss:// URL", schema: z.url({ protocol: /^rediss?$/ }) },
    secret: true,
    unset: "locks, limits and cache live in this process",
    example: "rediss://10.0.0.6:6379",
  }),
  redisAuth: variable({
    name: ENV.redisAuth,
    about: "How to log in: the URL's password, or the metadata server's access token",
    value: storeLogin,
    default: "password",
  }),
  redisCaFile: optionalVariable({
    name: ENV.redisCaFile,
    about: "Authority that signed Redis's certificate",
    value: path("path of a PEM file"),
    unset: "the system's authorities",
    example: "/etc/terrace/valkey-ca.pem",
  }),
  lockTtlSeconds: variable({
    name: ENV.lockTtlSeconds,
    about: "How long a lock lives without being renewed",
    value: wholeNumber({ from: 1, to: 86_400, unit: "s" }),
    /** Source: R-75. */
    default: 3_600,
  }),
  lockRequired: variable({
    name: ENV.lockRequired,
    about: "Answer 503 rather than work unlocked while Redis is away",
    value: flag(),
    default: false,
  }),
  cacheTtlSeconds: variable({
    name: ENV.cacheTtlSeconds,
    about: "How long an answer is kept in the response cache; 0 keeps none",
    value: wholeNumber({ from: 0, to: 604_800, unit: "s" }),
    /** Source: R-49. */
    default: 3_600,
  }),
} as const;

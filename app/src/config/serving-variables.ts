import { z } from "zod";
import { ENV, GRACE, PORTS } from "../contract";
import { flag, httpUrl, list, MIB, variable, wholeNumber } from "./variable";

/** Defaults, each with its source. */
const DEFAULTS = {
  /** GitHub shows no patch beyond 1 MiB of a diff; four such files fit. */
  bodyLimitBytes: 4 * MIB,
  /** Ten times what a loaded gateway showed; at this delay every stream stutters. */
  shedEventLoopMs: 1_000,
} as const;

/** What `/health` can look at. */
const HEALTH_CHECKS = ["engine", "memory", "disk", "gpu", "postgresql", "redis", "vectors"] as const;

export type HealthCheckName = (typeof HEALTH_CHECKS)[number];

/** A bearer token's owner, what it may do, and the SHA-256 of the token. */
export interface ServiceToken {
  readonly name: string;
  readonly role: "service" | "admin";
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

const serviceTokenSchema = z
  .string()
  .regex(/^[a-z0-9-]{1,64}:(service|admin)=[0-9a-f]{64}$/)
  .transform((text): ServiceToken => {
    const [owner = "", sha256 = ""] = text.split("=");
    const [name = "", role] = owner.split(":");
    return { name, role: role === "admin" ? "admin" : "service", sha256 };
  });

/** How the gateway listens, stops and watches over itself. */
export const SERVING_VARIABLES = {
  port: variable({
    name: ENV.port,
    about: "TCP port of the gateway",
    unit: "port",
    unset: String(PORTS.gateway),
    rule: "a whole number from 0 to 65535 (0: any free port)",
    example: String(PORTS.gateway),
    schema: wholeNumber(0, 65_535).default(PORTS.gateway),
  }),
  host: variable({
    name: ENV.host,
    about: "Address to listen on; the image sets `0.0.0.0`",
    unit: "IP address or name",
    unset: "`127.0.0.1`: this machine only",
    rule: "an address without spaces or a port",
    example: "0.0.0.0",
    schema: z
      .string()
      .regex(/^[^\s/]+$/)
      .default("127.0.0.1"),
  }),
  logLevel: variable({
    name: ENV.logLevel,
    about: "Least severe log lines that are written",
    unit: "name",
    unset: "`info`; on a terminal `warn`",
    rule: "one of fatal, error, warn, info, debug, trace, silent",
    example: "info",
    schema: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).optional(),
  }),
  docs: variable({
    name: ENV.docs,
    about: "Serve `/docs` and `/openapi.json`",
    unit: "true or false",
    unset: "they are served",
    rule: "true or false",
    example: "false",
    schema: flag(true),
  }),
  bodyLimitBytes: variable({
    name: ENV.bodyLimitBytes,
    about: "Largest request body; a larger one is answered 413",
    unit: "bytes",
    unset: String(DEFAULTS.bodyLimitBytes),
    rule: "a whole number from 1024 to 104857600",
    example: String(DEFAULTS.bodyLimitBytes),
    schema: wholeNumber(1_024, 100 * MIB).default(DEFAULTS.bodyLimitBytes),
  }),
  preStopMs: variable({
    name: ENV.preStopMs,
    about: "How long `/healthz` answers 503 before the listener closes",
    unit: "ms",
    unset: "0",
    rule: "a whole number from 0 to 600000",
    example: "10000",
    schema: wholeNumber(0, 600_000).default(0),
  }),
  drainTimeoutMs: variable({
    name: ENV.drainTimeoutMs,
    about: "How long requests in flight may then take to finish",
    unit: "ms",
    unset: String(GRACE.gatewayDrainSeconds * 1000),
    rule: "a whole number from 0 to 3600000",
    example: String(GRACE.gatewayDrainSeconds * 1000),
    schema: wholeNumber(0, 3_600_000).default(GRACE.gatewayDrainSeconds * 1000),
  }),
  keepAliveMs: variable({
    name: ENV.keepAliveMs,
    about: "How long an idle client connection is kept; above the load balancer's 600 s",
    unit: "ms",
    unset: String(GRACE.keepAliveSeconds * 1000),
    rule: "a whole number from 1000 to 3600000",
    example: String(GRACE.keepAliveSeconds * 1000),
    schema: wholeNumber(1_000, 3_600_000).default(GRACE.keepAliveSeconds * 1000),
  }),
  gpuMetricsUrl: variable({
    name: ENV.gpuMetricsUrl,
    about: "dcgm-exporter's metrics; set, every answer reports the machine's load in `endpoint-load-metrics`",
    unit: "URL",
    unset: "no answer reports load",
    rule: "an http URL",
    example: "http://127.0.0.1:9400/metrics",
    schema: httpUrl().optional(),
  }),
  watchPreemption: variable({
    name: ENV.watchPreemption,
    about: "Watch the metadata server for this VM's preemption",
    unit: "true or false",
    unset: "`false`",
    rule: "true or false",
    example: "true",
    schema: flag(false),
  }),
  metadataUrl: variable({
    name: ENV.metadataUrl,
    about: "Google's metadata server",
    unit: "URL",
    unset: "`http://metadata.google.internal`",
    rule: "an http URL",
    example: "http://metadata.google.internal",
    schema: httpUrl().default("http://metadata.google.internal"),
  }),
  healthChecks: variable({
    name: ENV.healthChecks,
    about: "What `/health` looks at",
    unit: "comma-separated: engine, memory, disk, gpu, postgresql, redis, vectors",
    unset: "all that are configured",
    rule: "a comma-separated list of engine, memory, disk, gpu, postgresql, redis, vectors",
    example: "engine,memory,disk",
    schema: list(z.enum(HEALTH_CHECKS)).optional(),
  }),
  shedEventLoopMs: variable({
    name: ENV.shedEventLoopMs,
    about: "Event-loop delay from which new generation requests are refused with 503; 0 never does",
    unit: "ms",
    unset: String(DEFAULTS.shedEventLoopMs),
    rule: "a whole number from 0 to 60000",
    example: "500",
    schema: wholeNumber(0, 60_000).default(DEFAULTS.shedEventLoopMs),
  }),
  otlpEndpoint: variable({
    name: ENV.otlpEndpoint,
    about: "OTLP/HTTP collector of traces",
    unit: "URL",
    unset: "no traces are sent",
    rule: "an http(s) URL",
    example: "http://127.0.0.1:4318",
    schema: httpUrl().optional(),
  }),
  serviceTokens: variable({
    name: ENV.serviceTokens,
    about: "Bearer tokens that are let in, as hashes; `npm run token -- NAME` makes one",
    unit: "`name:role=sha256`, comma-separated; roles service, admin",
    unset: "on a loopback HOST everybody is let in, elsewhere nobody",
    rule: "name:role=sha256 items, role service or admin, 64 hexadecimal digits",
    example: "ci:service=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    schema: list(serviceTokenSchema).default([]),
  }),
} as const;

import { z } from "zod";
import { GRACE, LOAD_REPORT, PORTS } from "../contract/endpoints";
import { readServiceTokenItem, SERVICE_ROLES, type ServiceToken } from "../contract/service-token";
import { ENV } from "../contract/variables";
import { choice, choices, flag, httpUrl, listSchema, wholeNumber } from "./value-kinds";
import { optionalVariable, variable } from "./variable";

const BYTES_PER_MIB = 1024 * 1024;

/** The checks of `/health`. */
const HEALTH_CHECKS = ["engine", "memory", "disk", "gpu", "postgresql", "redis", "vectors"] as const;

export type HealthCheckName = (typeof HEALTH_CHECKS)[number];

const serviceTokenSchema = z.string().transform((text, context): ServiceToken => {
  const token = readServiceTokenItem(text);
  if (token !== undefined) return token;
  context.addIssue({ code: "custom", message: "must be name:role:users=sha256" });
  return z.NEVER;
});

/** Pages that people of one service use; a longer list is a mistake. */
const MOST_ORIGINS = 20;

/** As a browser writes it into `Origin`: lower case, without a usual port. */
const originSchema = z
  .string()
  .refine((text) => /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text);

/** How the gateway listens, stops and watches over itself. */
export const SERVING_VARIABLES = {
  port: variable({
    name: ENV.port,
    about: "TCP port of the gateway",
    value: wholeNumber({ from: 0, to: 65_535, unit: "port", zero: "any free port" }),
    default: PORTS.gateway,
  }),
  host: variable({
    name: ENV.host,
    about: "Address to listen on; the image sets `0.0.0.0`",
    value: {
      unit: "IP address or name",
      rule: "an address without spaces or a port",
      schema: z.string().regex(/^[^\s/]+$/),
    },
    default: "127.0.0.1",
    defaultMeans: "this machine only",
    example: "0.0.0.0",
  }),
  logLevel: optionalVariable({
    name: ENV.logLevel,
    about: "Least severe log lines that are written",
    value: choice(["fatal", "error", "warn", "info", "debug", "trace", "silent"]),
    unset: "`info`; on a terminal `warn`",
    example: "info",
  }),
  docs: variable({
    name: ENV.docs,
    about: "Serve `/docs` and `/openapi.json`",
    value: flag(),
    default: true,
  }),
  bodyLimitBytes: variable({
    name: ENV.bodyLimitBytes,
    about: "Largest request body; a larger one is answered 413",
    value: wholeNumber({ from: 1_024, to: 100 * BYTES_PER_MIB, unit: "bytes" }),
    /** GitHub shows no patch beyond 1 MiB of a diff; four such files fit. */
    default: 4 * BYTES_PER_MIB,
  }),
  preStopMs: variable({
    name: ENV.preStopMs,
    about: "How long `/healthz` answers 503 before the listener closes",
    value: wholeNumber({ from: 0, to: 600_000, unit: "ms" }),
    default: 0,
    example: 10_000,
  }),
  drainTimeoutMs: variable({
    name: ENV.drainTimeoutMs,
    about: "How long requests in flight may then take to finish",
    value: wholeNumber({ from: 0, to: 3_600_000, unit: "ms" }),
    default: GRACE.gatewayDrainSeconds * 1000,
  }),
  keepAliveMs: variable({
    name: ENV.keepAliveMs,
    about: "How long an idle client connection is kept; above the load balancer's 600 s",
    value: wholeNumber({ from: 1_000, to: 3_600_000, unit: "ms" }),
    default: GRACE.keepAliveSeconds * 1000,
  }),
  gpuMetricsUrl: optionalVariable({
    name: ENV.gpuMetricsUrl,
    about: `dcgm-exporter's metrics; set, every answer reports the machine's load in \`${LOAD_REPORT.header}\``,
    value: httpUrl,
    unset: "no answer reports load",
    example: `http://127.0.0.1:${PORTS.dcgmExporter}/metrics`,
  }),
  watchPreemption: variable({
    name: ENV.watchPreemption,
    about: "Watch the metadata server for this VM's preemption",
    value: flag(),
    default: false,
  }),
  metadataUrl: variable({
    name: ENV.metadataUrl,
    about: "Google's metadata server",
    value: httpUrl,
    default: "http://metadata.google.internal",
  }),
  healthChecks: optionalVariable({
    name: ENV.healthChecks,
    about: "What `/health` looks at",
    value: choices(HEALTH_CHECKS),
    unset: "all that are configured",
    example: "engine,memory,disk",
  }),
  shedEventLoopMs: variable({
    name: ENV.shedEventLoopMs,
    about: "Event-loop delay from which new generation requests are refused with 503; 0 never does",
    value: wholeNumber({ from: 0, to: 60_000, unit: "ms" }),
    /** Ten times what a loaded gateway showed; at this delay every stream stutters. */
    default: 1_000,
    example: 500,
  }),
  otlpEndpoint: optionalVariable({
    name: ENV.otlpEndpoint,
    about: "OTLP/HTTP collector of traces",
    value: httpUrl,
    unset: "no traces are sent",
    example: "http://127.0.0.1:4318",
  }),
  serviceTokens: optionalVariable({
    name: ENV.serviceTokens,
    about: "Bearer tokens that are let in, as hashes; `npm run token -- NAME` makes one",
    value: {
      unit: `\`name:role:users=sha256\`, comma-separated; roles ${SERVICE_ROLES.join(", ")}; users joined by +, or *; without them for no user`,
      rule: `name:role:users=sha256 items (or name:role=sha256), role ${SERVICE_ROLES.join(" or ")}, users joined by +, 64 hexadecimal digits`,
      schema: listSchema(serviceTokenSchema),
    },
    unset: "on a loopback HOST the token in `DATA_DIR/local-token`, elsewhere nobody",
    example: "ci:service:*=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  }),
  corsOrigins: optionalVariable({
    name: ENV.corsOrigins,
    about: "Origins whose pages in a browser may call the gateway, with a token of their own (CORS)",
    value: {
      unit: `comma-separated origins, at most ${MOST_ORIGINS}`,
      rule: `at most ${MOST_ORIGINS} comma-separated origins: http(s)://host, a port where it is not the usual one, and no path or *`,
      schema: listSchema(originSchema).refine((origins) => origins.length <= MOST_ORIGINS),
    },
    unset: "pages of other origins are not answered",
    example: "https://app.example.com,http://localhost:3000",
  }),
} as const;

import { z } from "zod";
import { CONFIG_DEFAULTS, MIB, VARIABLES, type VariableName } from "./config-variables";
import { ENV, GRACE, PORTS } from "./contract";
import { baseUrlSchema, type ModelTable, modelTableSchema, singleModelTable } from "./engine/model-table";

function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max));
}

const environmentSchema = z
  .object({
    [ENV.port]: wholeNumber(0, 65_535).default(PORTS.gateway),
    [ENV.host]: z
      .string()
      .regex(/^[^\s/]+$/)
      .default("127.0.0.1"),
    [ENV.logLevel]: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).optional(),
    [ENV.docs]: z.enum(["true", "false"]).default("true"),
    [ENV.vllmBaseUrl]: baseUrlSchema.optional(),
    [ENV.modelTable]: modelTableSchema.optional(),
    [ENV.vllmModel]: z.string().optional(),
    [ENV.vllmApiKey]: z
      .string()
      .regex(/^[\x21-\x7e]+$/)
      .optional(),
    [ENV.modelConcurrency]: wholeNumber(1, 10_000).default(CONFIG_DEFAULTS.modelConcurrency),
    [ENV.engineTimeoutMs]: wholeNumber(100, 3_600_000).default(CONFIG_DEFAULTS.engineTimeoutMs),
    [ENV.promptBudgetTokens]: wholeNumber(500, 1_000_000).default(CONFIG_DEFAULTS.promptBudgetTokens),
    [ENV.bodyLimitBytes]: wholeNumber(1_024, 100 * MIB).default(CONFIG_DEFAULTS.bodyLimitBytes),
    [ENV.simulatorSpeed]: z
      .string()
      .regex(/^\d+(\.\d+)?$/)
      .transform(Number)
      .pipe(z.number().min(0).max(1000))
      .default(1),
    [ENV.gpuMetricsUrl]: z.url({ protocol: /^https?$/ }).optional(),
    [ENV.preStopMs]: wholeNumber(0, 600_000).default(0),
    [ENV.drainTimeoutMs]: wholeNumber(0, 3_600_000).default(GRACE.gatewayDrainSeconds * 1000),
    [ENV.keepAliveMs]: wholeNumber(1_000, 3_600_000).default(GRACE.keepAliveSeconds * 1000),
  } satisfies Record<VariableName, z.ZodType>)
  .refine((env) => env.VLLM_MODEL === undefined || env.VLLM_BASE_URL !== undefined, { path: [ENV.vllmModel] });

type Environment = z.output<typeof environmentSchema>;

/** Which engine answers. */
export type EngineSource =
  | { readonly kind: "simulator"; readonly speed: number; readonly concurrency: number }
  | { readonly kind: "engines"; readonly table: ModelTable };

/** The gateway's configuration, checked. Durations in milliseconds, sizes in bytes. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** @default by whether standard output is a terminal */
  readonly logLevel: Environment["LOG_LEVEL"];
  readonly docs: boolean;
  readonly engine: EngineSource;
  readonly engineApiKey: string | undefined;
  readonly engineTimeoutMs: number;
  readonly promptBudgetTokens: number;
  readonly bodyLimitBytes: number;
  /** @default no answer reports load */
  readonly gpuMetricsUrl: string | undefined;
  readonly preStopMs: number;
  readonly drainTimeoutMs: number;
  readonly keepAliveMs: number;
}

/** Every wrong variable at once; `problems` holds one line for each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

function isVariable(name: unknown): name is VariableName {
  return typeof name === "string" && Object.hasOwn(VARIABLES, name);
}

function problemLine(issue: z.core.$ZodIssue, environment: NodeJS.ProcessEnv): string {
  const [name, ...inner] = issue.path;
  if (!isVariable(name)) return issue.message;
  const doc = VARIABLES[name];
  const value = doc.secret ? "(hidden)" : JSON.stringify(environment[name]);
  // Inside MODEL_TABLE the field's own rule says more than the variable's.
  const within = inner.length > 0 ? `${inner.join(".")} ` : "";
  const rule = within !== "" ? `${within}${issue.message}` : `must be ${doc.rule}`;
  return `${name}=${value}: ${rule}; for example ${name}='${doc.example}', or leave it unset (${doc.unset})`;
}

function engineSource(env: Environment): EngineSource {
  if (env.MODEL_TABLE !== undefined) return { kind: "engines", table: env.MODEL_TABLE };
  const concurrency = env.MODEL_CONCURRENCY;
  if (env.VLLM_BASE_URL === undefined) return { kind: "simulator", speed: env.SIMULATOR_SPEED, concurrency };
  return {
    kind: "engines",
    table: singleModelTable({ baseUrl: env.VLLM_BASE_URL, model: env.VLLM_MODEL, concurrency }),
  };
}

/**
 * Reads the configuration. An empty variable counts as unset; variables that are not ours are not looked at.
 * @throws ConfigError with every problem
 */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const result = environmentSchema.safeParse(given);
  if (!result.success) throw new ConfigError(result.error.issues.map((issue) => problemLine(issue, environment)));
  const env = result.data;
  return {
    port: env.PORT,
    host: env.HOST,
    logLevel: env.LOG_LEVEL,
    docs: env.DOCS === "true",
    engine: engineSource(env),
    engineApiKey: env.VLLM_API_KEY,
    engineTimeoutMs: env.ENGINE_TIMEOUT_MS,
    promptBudgetTokens: env.PROMPT_BUDGET_TOKENS,
    bodyLimitBytes: env.BODY_LIMIT_BYTES,
    gpuMetricsUrl: env.GPU_METRICS_URL,
    preStopMs: env.PRESTOP_MS,
    drainTimeoutMs: env.DRAIN_TIMEOUT_MS,
    keepAliveMs: env.KEEP_ALIVE_MS,
  };
}

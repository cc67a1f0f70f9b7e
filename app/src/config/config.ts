import type { z } from "zod";
import { TASK_NAMES, TASKS, type Task } from "../contract/tasks";
import type { ENV } from "../contract/variables";
import { BACKUP_VARIABLES } from "./backup-variables";
import { ENGINES_VARIABLES } from "./engines-variables";
import { GENERATION_VARIABLES } from "./generation-variables";
import { type ModelTable, singleModelTable } from "./model-table";
import { SERVING_VARIABLES } from "./serving-variables";
import { STORES_VARIABLES } from "./stores-variables";
import type { EnvironmentVariable } from "./variable";

/** Every environment variable that the gateway reads, under its name in the contract. */
export const VARIABLES = {
  ...SERVING_VARIABLES,
  ...ENGINES_VARIABLES,
  ...GENERATION_VARIABLES,
  ...STORES_VARIABLES,
  ...BACKUP_VARIABLES,
} as const satisfies Record<keyof typeof ENV, EnvironmentVariable<unknown>>;

/** Which engine answers. */
export type EngineSource =
  | { readonly kind: "simulator"; readonly speed: number; readonly concurrency: number }
  | { readonly kind: "engines"; readonly table: ModelTable };

/** Every wrong variable at once; `problems` holds one line for each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

type Reader = <Value>(variable: EnvironmentVariable<Value>) => Value;

/** The gateway's configuration, checked. Durations in milliseconds unless the name has another unit, sizes in bytes. */
export type Config = ReturnType<typeof configuration>;

function configuration(read: Reader) {
  return {
    port: read(VARIABLES.port),
    host: read(VARIABLES.host),
    /** @default by whether standard output is a terminal */
    logLevel: read(VARIABLES.logLevel),
    docs: read(VARIABLES.docs),
    bodyLimitBytes: read(VARIABLES.bodyLimitBytes),
    preStopMs: read(VARIABLES.preStopMs),
    drainTimeoutMs: read(VARIABLES.drainTimeoutMs),
    keepAliveMs: read(VARIABLES.keepAliveMs),
    /** @default no answer reports load */
    gpuMetricsUrl: read(VARIABLES.gpuMetricsUrl),
    watchPreemption: read(VARIABLES.watchPreemption),
    metadataUrl: read(VARIABLES.metadataUrl),
    /** @default all that are configured */
    healthChecks: read(VARIABLES.healthChecks),
    /** 0: never. */
    shedEventLoopMs: read(VARIABLES.shedEventLoopMs),
    otlpEndpoint: read(VARIABLES.otlpEndpoint),
    /** @default on a loopback host a token is made, elsewhere none is accepted */
    serviceTokens: read(VARIABLES.serviceTokens) ?? [],
    /** @default pages of other origins are not answered */
    corsOrigins: read(VARIABLES.corsOrigins) ?? [],
    engine: engineSource(read),
    engineApiKey: read(VARIABLES.vllmApiKey),
    engineTimeoutMs: read(VARIABLES.engineTimeoutMs),
    scheduler: {
      policy: read(VARIABLES.schedulerPolicy),
      agingTokensPerSecond: read(VARIABLES.agingTokensPerSecond),
      maxQueue: read(VARIABLES.maxQueue),
      queueTimeoutMs: read(VARIABLES.queueTimeoutMs),
      /** @default only the embedded simulator gets it */
      enginePriority: read(VARIABLES.enginePriority),
    },
    slaTtftMs: read(VARIABLES.slaTtftMs),
    /** Task → requests waiting for its model from which its fallback answers. */
    fallbackQueues: fallbackQueues(read),
    adapters: { prefixes: read(VARIABLES.adapterPrefixes) ?? [], maxLoras: read(VARIABLES.maxLoras) },
    promptBudgetTokens: read(VARIABLES.promptBudgetTokens),
    /** @default the newest */
    promptVersion: read(VARIABLES.promptVersion),
    tokenCount: read(VARIABLES.tokenCount),
    retrieval: {
      contextBudgetTokens: read(VARIABLES.contextBudgetTokens),
      topK: read(VARIABLES.topK),
      /** @default LanceDB in `dataDir` */
      qdrantUrl: read(VARIABLES.qdrantUrl),
      qdrantApiKey: read(VARIABLES.qdrantApiKey),
      /** @default hashed character n-grams */
      embedUrl: read(VARIABLES.embedUrl),
      embedModel: read(VARIABLES.embedModel),
      embedApiKey: read(VARIABLES.embedApiKey),
    },
    stores: {
      dataDir: read(VARIABLES.dataDir),
      replicas: read(VARIABLES.replicas),
      /** @default an embedded PostgreSQL in `dataDir` */
      databaseUrl: read(VARIABLES.databaseUrl),
      databaseAuth: read(VARIABLES.databaseAuth),
      databasePoolMax: read(VARIABLES.databasePoolMax),
      databaseCaFile: read(VARIABLES.databaseCaFile),
      /** @default in this process */
      redisUrl: read(VARIABLES.redisUrl),
      redisAuth: read(VARIABLES.redisAuth),
      redisCaFile: read(VARIABLES.redisCaFile),
      lockTtlSeconds: read(VARIABLES.lockTtlSeconds),
      lockRequired: read(VARIABLES.lockRequired),
      cacheTtlSeconds: read(VARIABLES.cacheTtlSeconds),
    },
    backup: {
      /** `gs://…` or a path. @default backups cannot be made */
      destination: read(VARIABLES.backupDestination),
      storageUrl: read(VARIABLES.storageUrl),
    },
  } as const;
}

function fallbackQueues(read: Reader): Partial<Record<Task, number>> {
  const found: Partial<Record<Task, number>> = {};
  for (const task of TASK_NAMES) {
    const { fallbackQueue } = TASKS[task];
    if (fallbackQueue !== null) found[task] = read(VARIABLES[fallbackQueue]);
  }
  return found;
}

function engineSource(read: Reader): EngineSource {
  const table = read(VARIABLES.modelTable);
  if (table !== undefined) return { kind: "engines", table };
  const concurrency = read(VARIABLES.modelConcurrency);
  const baseUrl = read(VARIABLES.vllmBaseUrl);
  if (baseUrl === undefined) return { kind: "simulator", speed: read(VARIABLES.simulatorSpeed), concurrency };
  return { kind: "engines", table: singleModelTable({ baseUrl, model: read(VARIABLES.vllmModel), concurrency }) };
}

function problemLine(
  variable: EnvironmentVariable<unknown>,
  value: string,
  issue: z.core.$ZodIssue | undefined,
): string {
  const shown = variable.secret ? "(hidden)" : JSON.stringify(value);
  const inner = variable.structured ? issue : undefined;
  const rule = inner?.path.length ? `${inner.path.join(".")} ${inner.message}` : `must be ${variable.rule}`;
  return `${variable.name}=${shown}: ${rule}; for example ${variable.name}='${variable.example}', or leave it unset (${variable.unset})`;
}

/** What gateways that run side by side must share. */
const SHARED = [VARIABLES.databaseUrl, VARIABLES.redisUrl, VARIABLES.qdrantUrl] as const;

/** One line for each embedded store, where there is more than one gateway. */
function embeddedStores(given: ReadonlyMap<string, string>): string[] {
  const { name, schema } = VARIABLES.replicas;
  const { success, data: replicas } = schema.safeParse(given.get(name));
  if (!success || replicas === 1) return [];
  return SHARED.filter((shared) => !given.has(shared.name)).map(
    (shared) =>
      `${name}=${replicas}: gateways side by side need one store for all; set ${shared.name}, for example ${shared.name}='${shared.example}', or ${name}=1`,
  );
}

/** Checks of `HEALTH_CHECKS` for what another variable configures. */
const CHECKED = { gpu: VARIABLES.gpuMetricsUrl, redis: VARIABLES.redisUrl } as const;

/** A configured check that cannot be made would seem to pass. */
function missingChecks(given: ReadonlyMap<string, string>): string[] {
  const { name, schema } = VARIABLES.healthChecks;
  const value = given.get(name);
  const names = schema.safeParse(value).data ?? [];
  return Object.entries(CHECKED).flatMap(([check, needed]) =>
    value === undefined || given.has(needed.name) || !names.some((asked) => asked === check)
      ? []
      : [`${name}=${JSON.stringify(value)}: ${check} needs ${needed.name}; set it, or leave ${check} out`],
  );
}

/** Each wrong value gives its first broken rule: the second often follows from it. */
function problemsOf(given: ReadonlyMap<string, string>): string[] {
  const variables: EnvironmentVariable<unknown>[] = Object.values(VARIABLES);
  const wrong = variables.flatMap((variable) => {
    const value = given.get(variable.name);
    if (value === undefined) return [];
    const { success, error } = variable.schema.safeParse(value);
    return success ? [] : [problemLine(variable, value, error.issues[0])];
  });
  const alone = variables.flatMap((variable) => {
    const value = given.get(variable.name);
    if (value === undefined || variable.needs === undefined || given.has(variable.needs)) return [];
    return [problemLine(variable, value, undefined)];
  });
  return [...wrong, ...alone, ...embeddedStores(given), ...missingChecks(given)];
}

/**
 * Reads the configuration. An empty variable counts as unset; other programs' variables are ignored.
 * @throws ConfigError with every problem
 */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const given = new Map<string, string>();
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && value !== "") given.set(name, value);
  }
  const problems = problemsOf(given);
  if (problems.length > 0) throw new ConfigError(problems);
  return configuration((variable) => variable.schema.parse(given.get(variable.name)));
}

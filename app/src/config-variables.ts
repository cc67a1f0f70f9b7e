import { ENV, GRACE, PORTS } from "./contract";

/** What a person needs to know about one environment variable. The README's table is checked against these. */
export interface VariableDoc {
  readonly about: string;
  readonly unit: string;
  /** What happens where the variable is unset or empty. */
  readonly unset: string;
  /** The rule that a value must keep, completing "must be …". */
  readonly rule: string;
  /** A value that works. */
  readonly example: string;
  readonly secret?: true;
}

export type VariableName = (typeof ENV)[keyof typeof ENV];

/** Bytes. */
export const MIB = 1024 * 1024;

/** The documented defaults, each with its source. */
export const CONFIG_DEFAULTS = {
  /** Requests at once on one L4, as the second document states. */
  modelConcurrency: 30,
  /** 1,024 answer tokens at the 15 tokens/s that 30 streams leave each other on one L4 take 68 s; doubled. */
  engineTimeoutMs: 120_000,
  /** Leaves 2,192 tokens for the answer in the 8,192-token context of the third document's engine flags. */
  promptBudgetTokens: 6_000,
  /** GitHub shows no patch beyond 1 MiB of a diff; four such files fit. */
  bodyLimitBytes: 4 * MIB,
} as const;

export const VARIABLES: Readonly<Record<VariableName, VariableDoc>> = {
  [ENV.port]: {
    about: "TCP port of the gateway",
    unit: "port",
    unset: String(PORTS.gateway),
    rule: "a whole number from 0 to 65535 (0: any free port)",
    example: String(PORTS.gateway),
  },
  [ENV.host]: {
    about: "Address to listen on; the image sets `0.0.0.0`",
    unit: "IP address or name",
    unset: "`127.0.0.1`: this machine only",
    rule: "an address without spaces or a port",
    example: "0.0.0.0",
  },
  [ENV.logLevel]: {
    about: "Least severe log lines that are written",
    unit: "name",
    unset: "`info`; on a terminal `warn`",
    rule: "one of fatal, error, warn, info, debug, trace, silent",
    example: "info",
  },
  [ENV.docs]: {
    about: "Serve `/docs` and `/openapi.json`",
    unit: "true or false",
    unset: "they are served",
    rule: "true or false",
    example: "false",
  },
  [ENV.vllmBaseUrl]: {
    about: "One OpenAI-compatible engine for every task (vLLM, Ollama, LM Studio)",
    unit: "URL",
    unset: "with `MODEL_TABLE` unset too, the embedded simulator answers",
    rule: "an http(s) URL ending in /v1",
    example: "http://127.0.0.1:8100/v1",
  },
  [ENV.modelTable]: {
    about: "Which model answers which task; wins over `VLLM_BASE_URL`",
    unit: "JSON: task → `{baseUrl, model, concurrency}`, tasks `til`, `news`, `interview`, optionally `chat`",
    unset: "`VLLM_BASE_URL` answers every task",
    rule: "a JSON object with til, news and interview, each {baseUrl, model, concurrency}",
    example: '{"til":{"baseUrl":"http://127.0.0.1:8100/v1","model":"gemma3-12b-it-gptq","concurrency":30},…}',
  },
  [ENV.vllmModel]: {
    about: "Model name at `VLLM_BASE_URL`",
    unit: "name",
    unset: "the first model that the engine lists",
    rule: "a model name, with VLLM_BASE_URL set",
    example: "gemma3-12b-it-gptq",
  },
  [ENV.vllmApiKey]: {
    about: "Bearer token sent to the engines; a secret",
    unit: "text",
    unset: "none is sent",
    rule: "printable ASCII without spaces",
    example: "…",
    secret: true,
  },
  [ENV.modelConcurrency]: {
    about: "Most requests in flight to the model of `VLLM_BASE_URL`; one more is answered 429",
    unit: "requests",
    unset: String(CONFIG_DEFAULTS.modelConcurrency),
    rule: "a whole number from 1 to 10000",
    example: String(CONFIG_DEFAULTS.modelConcurrency),
  },
  [ENV.engineTimeoutMs]: {
    about: "Time for a whole answer; for a streamed one, to the first token and between tokens",
    unit: "ms",
    unset: String(CONFIG_DEFAULTS.engineTimeoutMs),
    rule: "a whole number from 100 to 3600000",
    example: String(CONFIG_DEFAULTS.engineTimeoutMs),
  },
  [ENV.promptBudgetTokens]: {
    about: "Size of a rendered prompt; diffs are cut by hunk to fit",
    unit: "tokens (estimated)",
    unset: String(CONFIG_DEFAULTS.promptBudgetTokens),
    rule: "a whole number from 500 to 1000000",
    example: String(CONFIG_DEFAULTS.promptBudgetTokens),
  },
  [ENV.bodyLimitBytes]: {
    about: "Largest request body; a larger one is answered 413",
    unit: "bytes",
    unset: String(CONFIG_DEFAULTS.bodyLimitBytes),
    rule: "a whole number from 1024 to 104857600",
    example: String(CONFIG_DEFAULTS.bodyLimitBytes),
  },
  [ENV.simulatorSpeed]: {
    about: "How many times faster than one L4 the simulator answers",
    unit: "factor",
    unset: "1: as slow as the real thing",
    rule: "a number from 0 (no delay) to 1000",
    example: "4",
  },
  [ENV.gpuMetricsUrl]: {
    about: "dcgm-exporter's metrics; set, every answer reports the machine's load in `endpoint-load-metrics`",
    unit: "URL",
    unset: "no answer reports load",
    rule: "an http URL",
    example: "http://127.0.0.1:9400/metrics",
  },
  [ENV.preStopMs]: {
    about: "How long `/healthz` answers 503 before the listener closes",
    unit: "ms",
    unset: "0",
    rule: "a whole number from 0 to 600000",
    example: "10000",
  },
  [ENV.drainTimeoutMs]: {
    about: "How long requests in flight may then take to finish",
    unit: "ms",
    unset: String(GRACE.gatewayDrainSeconds * 1000),
    rule: "a whole number from 0 to 3600000",
    example: String(GRACE.gatewayDrainSeconds * 1000),
  },
  [ENV.keepAliveMs]: {
    about: "How long an idle client connection is kept; above the load balancer's 600 s",
    unit: "ms",
    unset: String(GRACE.keepAliveSeconds * 1000),
    rule: "a whole number from 1000 to 3600000",
    example: String(GRACE.keepAliveSeconds * 1000),
  },
};

import { z } from "zod";
import { ENV } from "../contract";
import { baseUrlSchema, modelTableSchema } from "./model-table";
import { list, printable, variable, wholeNumber } from "./variable";

/** Defaults, each with its source. */
const DEFAULTS = {
  /** Requests at once on one L4. Source: R-2. */
  modelConcurrency: 30,
  /** 1,024 answer tokens at the 15 tokens/s that 30 streams leave each other on one L4 take 68 s; doubled. */
  engineTimeoutMs: 120_000,
  /** Source: R-31. */
  agingTokensPerSecond: 200,
  /** Source: R-31. */
  maxQueue: 1_000,
  /** A client that streams has given up by then: twice the longest TTFT bucket. */
  queueTimeoutMs: 60_000,
  /** Source: R-53. */
  slaTtftMs: 2_000,
  /** Source: R-33. */
  interviewFallbackQueue: 20,
  /** Source: R-34. */
  maxLoras: 4,
} as const;

/** Which engines answer, and in which order they are asked. */
export const ENGINES_VARIABLES = {
  vllmBaseUrl: variable({
    name: ENV.vllmBaseUrl,
    about: "One OpenAI-compatible engine for every task (vLLM, Ollama, LM Studio)",
    unit: "URL",
    unset: "with `MODEL_TABLE` unset too, the embedded simulator answers",
    rule: "an http(s) URL ending in /v1",
    example: "http://127.0.0.1:8100/v1",
    schema: baseUrlSchema.optional(),
  }),
  modelTable: variable({
    name: ENV.modelTable,
    about: "Which model answers which task; wins over `VLLM_BASE_URL`",
    unit: "JSON: task → entry, see below; tasks `til`, `news`, `interview`, optionally `chat`",
    unset: "`VLLM_BASE_URL` answers every task",
    rule: "a JSON object with til, news and interview, each {baseUrl, model, concurrency}",
    example: '{"til":{"baseUrl":"http://127.0.0.1:8100/v1","model":"gemma3-12b-it-gptq","concurrency":30},…}',
    structured: true,
    schema: modelTableSchema.optional(),
  }),
  vllmModel: variable({
    name: ENV.vllmModel,
    about: "Model name at `VLLM_BASE_URL`",
    unit: "name",
    unset: "the first model that the engine lists",
    rule: "a model name, with VLLM_BASE_URL set",
    example: "gemma3-12b-it-gptq",
    schema: z.string().optional(),
  }),
  vllmApiKey: variable({
    name: ENV.vllmApiKey,
    about: "Bearer token sent to the engines; a secret",
    unit: "text",
    unset: "none is sent",
    rule: "printable ASCII without spaces",
    example: "…",
    secret: true,
    schema: printable().optional(),
  }),
  modelConcurrency: variable({
    name: ENV.modelConcurrency,
    about: "Most requests in flight to the model of `VLLM_BASE_URL`; further ones wait for a place",
    unit: "requests",
    unset: String(DEFAULTS.modelConcurrency),
    rule: "a whole number from 1 to 10000",
    example: String(DEFAULTS.modelConcurrency),
    schema: wholeNumber(1, 10_000).default(DEFAULTS.modelConcurrency),
  }),
  engineTimeoutMs: variable({
    name: ENV.engineTimeoutMs,
    about: "Time for a whole answer; for a streamed one, to the first token and between tokens",
    unit: "ms",
    unset: String(DEFAULTS.engineTimeoutMs),
    rule: "a whole number from 100 to 3600000",
    example: String(DEFAULTS.engineTimeoutMs),
    schema: wholeNumber(100, 3_600_000).default(DEFAULTS.engineTimeoutMs),
  }),
  simulatorSpeed: variable({
    name: ENV.simulatorSpeed,
    about: "How many times faster than one L4 the simulator answers",
    unit: "factor",
    unset: "1: as slow as the real thing",
    rule: "a number from 0 (no delay) to 1000",
    example: "4",
    schema: z
      .string()
      .regex(/^\d+(\.\d+)?$/)
      .transform(Number)
      .pipe(z.number().min(0).max(1000))
      .default(1),
  }),
  schedulerPolicy: variable({
    name: ENV.schedulerPolicy,
    about: "Order of waiting requests: by uncached prefill tokens with ageing, or by arrival",
    unit: "name",
    unset: "`prefill`",
    rule: "prefill or fifo",
    example: "fifo",
    schema: z.enum(["prefill", "fifo"]).default("prefill"),
  }),
  agingTokensPerSecond: variable({
    name: ENV.agingTokensPerSecond,
    about: "Uncached prefill tokens that a second of waiting is worth",
    unit: "tokens/s",
    unset: String(DEFAULTS.agingTokensPerSecond),
    rule: "a whole number from 1 to 1000000",
    example: String(DEFAULTS.agingTokensPerSecond),
    schema: wholeNumber(1, 1_000_000).default(DEFAULTS.agingTokensPerSecond),
  }),
  maxQueue: variable({
    name: ENV.maxQueue,
    about: "Requests that may wait for a model; one more is answered 429",
    unit: "requests",
    unset: String(DEFAULTS.maxQueue),
    rule: "a whole number from 0 to 100000",
    example: String(DEFAULTS.maxQueue),
    schema: wholeNumber(0, 100_000).default(DEFAULTS.maxQueue),
  }),
  queueTimeoutMs: variable({
    name: ENV.queueTimeoutMs,
    about: "How long a request may wait for a model; then it is answered 504",
    unit: "ms",
    unset: String(DEFAULTS.queueTimeoutMs),
    rule: "a whole number from 100 to 3600000",
    example: String(DEFAULTS.queueTimeoutMs),
    schema: wholeNumber(100, 3_600_000).default(DEFAULTS.queueTimeoutMs),
  }),
  enginePriority: variable({
    name: ENV.enginePriority,
    about: "Send the order on to the engine as `priority`; vLLM needs `--scheduling-policy priority`",
    unit: "true or false",
    unset: "`false`; the embedded simulator takes it",
    rule: "true or false",
    example: "true",
    schema: z.stringbool({ truthy: ["true"], falsy: ["false"], case: "sensitive" }).optional(),
  }),
  slaTtftMs: variable({
    name: ENV.slaTtftMs,
    about: "Time to first token that counts as good in goodput",
    unit: "ms",
    unset: String(DEFAULTS.slaTtftMs),
    rule: "a whole number from 1 to 3600000",
    example: String(DEFAULTS.slaTtftMs),
    schema: wholeNumber(1, 3_600_000).default(DEFAULTS.slaTtftMs),
  }),
  interviewFallbackQueue: variable({
    name: ENV.interviewFallbackQueue,
    about: "Waiting requests from which the interview model's fallback answers",
    unit: "requests",
    unset: String(DEFAULTS.interviewFallbackQueue),
    rule: "a whole number from 1 to 100000",
    example: String(DEFAULTS.interviewFallbackQueue),
    schema: wholeNumber(1, 100_000).default(DEFAULTS.interviewFallbackQueue),
  }),
  adapterPrefixes: variable({
    name: ENV.adapterPrefixes,
    about: "Where adapters may lie: a URI or folder must begin with one of these",
    unit: "comma-separated prefixes",
    unset: "no adapter can be registered",
    rule: "comma-separated gs:// or absolute path prefixes ending in /",
    example: "gs://production-adapters/,/models/adapters/",
    schema: list(z.string().regex(/^(gs:\/\/[a-z0-9._-]+\/|\/)([^\s,]*\/)?$/)).default([]),
  }),
  maxLoras: variable({
    name: ENV.maxLoras,
    about: "Adapters that an engine holds at once (`--max-loras`)",
    unit: "adapters",
    unset: String(DEFAULTS.maxLoras),
    rule: "a whole number from 1 to 64",
    example: String(DEFAULTS.maxLoras),
    schema: wholeNumber(1, 64).default(DEFAULTS.maxLoras),
  }),
} as const;

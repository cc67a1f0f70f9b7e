import { z } from "zod";
import { ADAPTER_MOUNT, PORTS } from "../contract/endpoints";
import { OPTIONAL_TASKS, REQUIRED_TASKS, TASK_NAMES } from "../contract/tasks";
import { ENV } from "../contract/variables";
import { modelTableSchema } from "./model-table";
import { choice, decimalNumber, flag, headerText, listSchema, modelAt, openAiUrl, wholeNumber } from "./value-kinds";
import { optionalVariable, variable } from "./variable";

function quoted(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

/** Such as `til, news and interview`. */
function inWords(names: readonly string[]): string {
  return names.join(", ").replace(/, (?=[^,]*$)/, " and ");
}

/** Which engines answer, and in which order requests are sent to them. */
export const ENGINES_VARIABLES = {
  vllmBaseUrl: optionalVariable({
    name: ENV.vllmBaseUrl,
    about: "One OpenAI-compatible engine for every task (vLLM, Ollama, LM Studio)",
    value: openAiUrl,
    unset: "with `MODEL_TABLE` unset too, the embedded simulator answers",
    example: `http://127.0.0.1:${PORTS.engineBase}/v1`,
  }),
  modelTable: optionalVariable({
    name: ENV.modelTable,
    about: "Which model answers which task; wins over `VLLM_BASE_URL`",
    value: {
      unit: `JSON: task → entry, see below; tasks ${quoted(REQUIRED_TASKS)}, optionally ${quoted(OPTIONAL_TASKS)}`,
      rule: `a JSON object with ${inWords(REQUIRED_TASKS)}, each {baseUrl, model, concurrency}`,
      structured: true,
      schema: modelTableSchema,
    },
    unset: "`VLLM_BASE_URL` answers every task",
    example: `{"${TASK_NAMES[0]}":{"baseUrl":"http://127.0.0.1:${PORTS.engineBase}/v1","model":"gemma3-12b-it-gptq","concurrency":30},…}`,
  }),
  vllmModel: optionalVariable({
    name: ENV.vllmModel,
    about: "Model name at `VLLM_BASE_URL`",
    value: modelAt(ENV.vllmBaseUrl),
    needs: ENV.vllmBaseUrl,
    unset: "the first model that the engine lists",
    example: "gemma3-12b-it-gptq",
  }),
  vllmApiKey: optionalVariable({
    name: ENV.vllmApiKey,
    about: "Bearer token sent to the engines; a secret",
    value: headerText,
    secret: true,
    unset: "none is sent",
    example: "…",
  }),
  modelConcurrency: variable({
    name: ENV.modelConcurrency,
    about: "Most requests in flight to the model of `VLLM_BASE_URL`; further ones wait for a place",
    value: wholeNumber({ from: 1, to: 10_000, unit: "requests" }),
    /** Requests at once on one L4. Source: R-2. */
    default: 30,
  }),
  engineTimeoutMs: variable({
    name: ENV.engineTimeoutMs,
    about: "Time for a whole answer; for a streamed one, to the first token and between tokens",
    value: wholeNumber({ from: 100, to: 3_600_000, unit: "ms" }),
    /** 1,024 answer tokens at the 15 tokens/s that 30 streams leave each other on one L4 take 68 s; doubled. */
    default: 120_000,
  }),
  simulatorSpeed: variable({
    name: ENV.simulatorSpeed,
    about: "How many times faster than one L4 the simulator answers",
    value: decimalNumber({ from: 0, to: 1_000, unit: "factor", zero: "no delay" }),
    default: 1,
    defaultMeans: "as slow as the real thing",
    example: 4,
  }),
  schedulerPolicy: variable({
    name: ENV.schedulerPolicy,
    about: "Order of waiting requests: by uncached prefill tokens with ageing, or by arrival",
    value: choice(["prefill", "fifo"]),
    default: "prefill",
  }),
  agingTokensPerSecond: variable({
    name: ENV.agingTokensPerSecond,
    about: "Uncached prefill tokens that a second of waiting is worth",
    value: wholeNumber({ from: 1, to: 1_000_000, unit: "tokens/s" }),
    /** Source: R-31. */
    default: 200,
  }),
  maxQueue: variable({
    name: ENV.maxQueue,
    about: "Requests that may wait for a model; one more is answered 429",
    value: wholeNumber({ from: 0, to: 100_000, unit: "requests" }),
    /** Source: R-31. */
    default: 1_000,
  }),
  queueTimeoutMs: variable({
    name: ENV.queueTimeoutMs,
    about: "How long a request may wait for a model; then it is answered 504",
    value: wholeNumber({ from: 100, to: 3_600_000, unit: "ms" }),
    /** A client that streams has given up by then: twice the longest TTFT bucket. */
    default: 60_000,
  }),
  enginePriority: optionalVariable({
    name: ENV.enginePriority,
    about: "Send the order on to the engine as `priority`; vLLM needs `--scheduling-policy priority`",
    value: flag(),
    unset: "`false`; the embedded simulator takes it",
    example: "true",
  }),
  slaTtftMs: variable({
    name: ENV.slaTtftMs,
    about: "Time to first token that counts as good in goodput",
    value: wholeNumber({ from: 1, to: 3_600_000, unit: "ms" }),
    /** Source: R-53. */
    default: 2_000,
  }),
  interviewFallbackQueue: variable({
    name: ENV.interviewFallbackQueue,
    about: "Waiting requests from which the interview model's fallback answers",
    value: wholeNumber({ from: 1, to: 100_000, unit: "requests" }),
    /** Source: R-33. */
    default: 20,
  }),
  adapterPrefixes: optionalVariable({
    name: ENV.adapterPrefixes,
    about: "Where adapters may lie: a URI or folder must begin with one of these",
    value: {
      unit: "comma-separated prefixes",
      rule: "comma-separated gs:// or absolute path prefixes ending in /",
      schema: listSchema(z.string().regex(/^(gs:\/\/[a-z0-9._-]+\/|\/)([^\s,]*\/)?$/)),
    },
    unset: "no adapter can be registered",
    example: `gs://production-adapters/,${ADAPTER_MOUNT}/`,
  }),
  maxLoras: variable({
    name: ENV.maxLoras,
    about: "Adapters that an engine holds at once (`--max-loras`)",
    value: wholeNumber({ from: 1, to: 64, unit: "adapters" }),
    /** Source: R-34. */
    default: 4,
  }),
} as const;

import { ADAPTER_MOUNT } from "../../src/contract/endpoints";
import type { SchedulingPolicy } from "./batch";
import { type EngineTiming, L4_GEMMA_12B } from "./timing";

/** A simulated engine's settings, under vLLM's names where vLLM has the setting. */
export interface SimulatorOptions {
  /** How many times faster than one L4; 0 leaves every delay out. */
  readonly speed: number;
  /** Name of the model. @default `gemma3-12b-it-gptq` */
  readonly model?: string | undefined;
  /** Names under which it is served. @default the model's */
  readonly servedModelNames?: readonly string[] | undefined;
  /** Bearer tokens of which `/v1` requires one. @default no token is required */
  readonly apiKeys?: readonly string[] | undefined;
  /** Tokens of prompt and answer together. @default 8,192 */
  readonly maxModelLen?: number | undefined;
  /** Sequences in a batch. @default 30 */
  readonly maxNumSeqs?: number | undefined;
  /** Tokens in a step. @default 2,048 */
  readonly maxNumBatchedTokens?: number | undefined;
  /** @default fcfs, which takes any `priority` and ignores it */
  readonly schedulingPolicy?: SchedulingPolicy | undefined;
  /** Requests in flight, waiting or running, from which a further one is answered 503. @default no limit */
  readonly maxNumQueuedReqs?: number | undefined;
  /** Tokens of prompts that are not yet read from which a further request is answered 503. @default no limit */
  readonly maxNumQueuedTokens?: number | undefined;
  /** @default true */
  readonly enablePrefixCaching?: boolean | undefined;
  /** Whether usage includes the prompt tokens that the prefix cache had. @default false */
  readonly enablePromptTokensDetails?: boolean | undefined;
  /** @default false */
  readonly enableLora?: boolean | undefined;
  /** Adapters in one batch. @default 1 */
  readonly maxLoras?: number | undefined;
  /** @default 16 */
  readonly maxLoraRank?: number | undefined;
  /** Opens the routes that load and unload adapters: vLLM's `VLLM_ALLOW_RUNTIME_LORA_UPDATING`. @default false */
  readonly allowRuntimeLoraUpdating?: boolean | undefined;
  /**
   * Prefixes of object storage, or of where it is mounted, whose adapters are taken to exist. @default `gs://`, and
   * where engines mount buckets, which is what a gateway names
   */
  readonly adapterPrefixes?: readonly string[] | undefined;
  /** Whether `/load` counts. @default false: it returns 0 */
  readonly enableServerLoadTracking?: boolean | undefined;
  /** Seconds that closing leaves to what is in flight. @default 0: it is aborted */
  readonly shutdownTimeoutSeconds?: number | undefined;
  /** Opens `/simulator/faults`. @default false */
  readonly faults?: boolean | undefined;
  /** Without delays, sends each token by itself, as a real engine does, instead of the whole answer. @default false */
  readonly stepwise?: boolean | undefined;
  /** @default an L4 with Gemma-3-12B at 4 bits */
  readonly timing?: EngineTiming | undefined;
  /** @default 10 GiB */
  readonly kvCacheBytes?: number | undefined;
}

/** Options with every default in its place. */
export function withDefaults(options: SimulatorOptions) {
  const model = options.model ?? L4_GEMMA_12B.model;
  const servedModelNames = options.servedModelNames ?? [model];
  return {
    speed: options.speed,
    model,
    servedModelNames,
    servedModelName: servedModelNames[0] ?? model,
    apiKeys: options.apiKeys ?? [],
    maxModelLen: options.maxModelLen ?? DEFAULT_MAX_MODEL_LEN,
    maxNumSeqs: options.maxNumSeqs ?? L4_GEMMA_12B.maxSequences,
    maxNumBatchedTokens: options.maxNumBatchedTokens ?? L4_GEMMA_12B.maxBatchedTokens,
    schedulingPolicy: options.schedulingPolicy ?? "fcfs",
    maxNumQueuedReqs: options.maxNumQueuedReqs ?? Number.POSITIVE_INFINITY,
    maxNumQueuedTokens: options.maxNumQueuedTokens ?? Number.POSITIVE_INFINITY,
    enablePrefixCaching: options.enablePrefixCaching ?? true,
    enablePromptTokensDetails: options.enablePromptTokensDetails ?? false,
    enableLora: options.enableLora ?? false,
    maxLoras: options.maxLoras ?? 1,
    maxLoraRank: options.maxLoraRank ?? 16,
    allowRuntimeLoraUpdating: options.allowRuntimeLoraUpdating ?? false,
    adapterPrefixes: options.adapterPrefixes ?? ["gs://", `${ADAPTER_MOUNT}/`],
    enableServerLoadTracking: options.enableServerLoadTracking ?? false,
    shutdownTimeoutSeconds: options.shutdownTimeoutSeconds ?? 0,
    faults: options.faults ?? false,
    stepwise: options.stepwise ?? false,
    timing: options.timing ?? L4_GEMMA_12B,
    kvCacheBytes: options.kvCacheBytes ?? L4_GEMMA_12B.kvCacheBytes,
  } as const;
}

export type SimulatorSettings = ReturnType<typeof withDefaults>;

/** Tokens. R-26 requires no more, and a longer one takes places from the batch. */
const DEFAULT_MAX_MODEL_LEN = 8_192;

import type { Gpu } from "./gpu";
import type { GpuObserver } from "./gpu-observer";
import {
  CounterFamily,
  GaugeFamily,
  HistogramFamily,
  LabelledCounterFamily,
  type MetricFamily,
} from "./metric-families";
import type { EndReason, Sequence } from "./sequence";

/** Bounds in seconds and tokens. Source: vLLM's `vllm/v1/metrics/buckets.py`. */
const TTFT_SECONDS = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560,
];
const TOKEN_SECONDS = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80];
const REQUEST_SECONDS = [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680];
const STEP_TOKENS = [1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384];
const PARAMS_N = [1, 2, 5, 10, 20];

/** 1, 2, 5, 10, 20 … up to `most`. */
function oneTwoFive(most: number): number[] {
  const bounds: number[] = [];
  for (let power = 1; power <= most; power *= 10) {
    bounds.push(...[1, 2, 5].map((digit) => digit * power).filter((bound) => bound <= most));
  }
  return bounds;
}

export interface MetricsOptions {
  readonly model: string;
  /** Tokens: `--max-model-len`. */
  readonly maxModelLen: number;
  /** `--max-loras`, where adapters are enabled. */
  readonly maxAdapters: number | undefined;
}

type Waiting = "capacity" | "deferred";

type RequestHistograms = Readonly<
  Record<
    | "promptTokens"
    | "answerTokens"
    | "maxAnswerTokens"
    | "n"
    | "maxTokens"
    | "e2e"
    | "queue"
    | "inference"
    | "prefill"
    | "decode"
    | "perToken"
    | "computedTokens",
    HistogramFamily
  >
>;

/** The metrics of vLLM 0.33, under its names, labels and bounds; those of features that are off stay at 0. */
export class SimulatorMetrics implements GpuObserver {
  readonly #families: MetricFamily[] = [];
  readonly #options: MetricsOptions;
  readonly #labels: Readonly<Record<"model_name" | "engine", string>>;
  readonly #finished: LabelledCounterFamily<string>;
  readonly #bySource: LabelledCounterFamily<string>;
  readonly #promptTokens: CounterFamily;
  readonly #cachedTokens: CounterFamily;
  readonly #answerTokens: CounterFamily;
  readonly #cacheQueries: CounterFamily;
  readonly #cacheHits: CounterFamily;
  readonly #preemptions: CounterFamily;
  readonly #ttft: HistogramFamily;
  readonly #betweenTokens: HistogramFamily;
  readonly #stepTokens: HistogramFamily;
  readonly #request: RequestHistograms;

  constructor(options: MetricsOptions) {
    this.#options = options;
    this.#labels = { model_name: options.model, engine: "0" };
    this.#cacheQueries = this.#counter("prefix_cache_queries", "Prefix cache queries, in tokens.");
    this.#cacheHits = this.#counter("prefix_cache_hits", "Prefix cache hits, in tokens.");
    for (const name of ["external_prefix_cache_queries", "external_prefix_cache_hits"]) {
      this.#counter(name, "Prefix cache of a KV connector, in tokens.");
    }
    for (const name of ["mm_cache_queries", "mm_cache_hits"]) this.#counter(name, "Multi-modal cache, in items.");
    this.#preemptions = this.#counter("num_preemptions", "Preemptions.");
    this.#promptTokens = this.#counter("prompt_tokens", "Prompt tokens processed.");
    const sources = ["local_compute", "local_cache_hit", "external_kv_transfer"];
    this.#bySource = this.#labelled("prompt_tokens_by_source", "Prompt tokens by source.", "source", sources);
    this.#cachedTokens = this.#counter("prompt_tokens_cached", "Prompt tokens found in a cache.");
    this.#counter("prompt_tokens_recomputed", "Cached prompt tokens computed again.");
    this.#answerTokens = this.#counter("generation_tokens", "Tokens generated.");
    const reasons = ["stop", "length", "abort", "error", "repetition"];
    this.#finished = this.#labelled("request_success", "Finished requests.", "finished_reason", reasons);
    this.#ttft = this.#histogram("time_to_first_token_seconds", "Seconds to the first token.", TTFT_SECONDS);
    this.#betweenTokens = this.#histogram("inter_token_latency_seconds", "Seconds between tokens.", TOKEN_SECONDS);
    this.#stepTokens = this.#histogram("iteration_tokens_total", "Tokens of an engine step.", STEP_TOKENS);
    this.#request = this.#requestHistograms();
  }

  /** Adds the gauges, which read the engine at each scrape. */
  watch(gpu: Gpu, blocks: { readonly count: number; readonly tokens: number }): void {
    const waiting = (reason: Waiting) =>
      gpu.waiting.filter((sequence) => sequence.deferred === (reason === "deferred")).length;
    this.#gauge("num_requests_running", "Requests in the batch.", () => gpu.running.length);
    this.#gauge("num_requests_waiting", "Requests waiting for a place.", () => gpu.waiting.length);
    this.#families.push(
      new GaugeFamily("vllm:num_requests_waiting_by_reason", "Waiting requests by reason.", () =>
        (["capacity", "deferred"] as const).map((reason) => [{ ...this.#labels, reason }, waiting(reason)]),
      ),
      new GaugeFamily("vllm:engine_sleep_state", "1 for the state that the engine is in.", () =>
        ["awake", "weights_offloaded", "discard_all"].map((state) => [
          { ...this.#labels, sleep_state: state },
          state === "awake" ? 1 : 0,
        ]),
      ),
      new GaugeFamily("vllm:cache_config_info", "The KV cache.", () => [
        [{ block_size: String(blocks.tokens), engine: "0", num_gpu_blocks: String(blocks.count) }, 1],
      ]),
    );
    this.#gauge("kv_cache_usage_perc", "Share of the KV cache in use, 0 to 1.", () => gpu.kvCacheUsage);
    const { maxAdapters } = this.#options;
    if (maxAdapters === undefined) return;
    const adapters = (sequences: readonly Sequence[]) =>
      [...new Set(sequences.flatMap(({ request }) => request.adapter ?? []))].join(",");
    this.#families.push(
      new GaugeFamily("vllm:lora_requests_info", "Adapters of running and waiting requests.", () => {
        const running_lora_adapters = adapters(gpu.running);
        const waiting_lora_adapters = adapters(gpu.waiting);
        const labels = { max_lora: String(maxAdapters), running_lora_adapters, waiting_lora_adapters };
        return [[labels, Date.now() / 1_000]];
      }),
    );
  }

  started({ request, cachedTokens }: Sequence): void {
    const { length } = request.prompt;
    this.#cacheQueries.value += length;
    this.#cacheHits.value += cachedTokens;
    this.#promptTokens.value += length;
    this.#cachedTokens.value += cachedTokens;
    this.#bySource.add("local_compute", length - cachedTokens);
    this.#bySource.add("local_cache_hit", cachedTokens);
  }

  preempted(): void {
    this.#preemptions.value += 1;
  }

  stepped(prefillTokens: number, answerTokens: number): void {
    this.#stepTokens.observe(prefillTokens + answerTokens);
  }

  generated(sequence: Sequence, tokens: number, seconds: number): void {
    this.#answerTokens.value += tokens;
    const isFirst = sequence.times.firstToken === undefined;
    if (isFirst) this.#ttft.observe(seconds);
    const others = isFirst ? tokens - 1 : tokens;
    // Those that came together came at no distance.
    if (others > 0) this.#betweenTokens.observe(isFirst ? 0 : seconds, others);
  }

  ended({ request, times, generated, cachedTokens }: Sequence, reason: EndReason): void {
    this.#finished.add(reason);
    if (reason === "abort" || reason === "error") return;
    const histograms = this.#request;
    const { arrived, ended, started = ended, firstToken = ended } = times;
    histograms.e2e.observe((ended - arrived) / 1_000);
    histograms.queue.observe((started - arrived) / 1_000);
    histograms.inference.observe((ended - started) / 1_000);
    histograms.prefill.observe((firstToken - started) / 1_000);
    histograms.decode.observe((ended - firstToken) / 1_000);
    histograms.perToken.observe((ended - firstToken) / 1_000 / Math.max(1, generated - 1));
    histograms.promptTokens.observe(request.prompt.length);
    histograms.computedTokens.observe(request.prompt.length - cachedTokens);
    histograms.answerTokens.observe(generated);
    histograms.maxAnswerTokens.observe(generated);
    histograms.maxTokens.observe(request.maxTokens);
    histograms.n.observe(1);
  }

  /** The page of `/metrics`. */
  text(): string {
    return `${this.#families.flatMap((family) => family.lines()).join("\n")}\n`;
  }

  #requestHistograms(): RequestHistograms {
    const tokens = oneTwoFive(this.#options.maxModelLen);
    return {
      promptTokens: this.#histogram("request_prompt_tokens", "Prompt tokens of a request.", tokens),
      answerTokens: this.#histogram("request_generation_tokens", "Tokens generated for a request.", tokens),
      maxAnswerTokens: this.#histogram("request_max_num_generation_tokens", "Most tokens of its answers.", tokens),
      n: this.#histogram("request_params_n", "The parameter n.", PARAMS_N),
      maxTokens: this.#histogram("request_params_max_tokens", "The parameter max_tokens.", tokens),
      e2e: this.#histogram("e2e_request_latency_seconds", "Seconds of a request.", REQUEST_SECONDS),
      queue: this.#histogram("request_queue_time_seconds", "Seconds that it waited.", REQUEST_SECONDS),
      inference: this.#histogram("request_inference_time_seconds", "Seconds that it ran.", REQUEST_SECONDS),
      prefill: this.#histogram("request_prefill_time_seconds", "Seconds to read its prompt.", REQUEST_SECONDS),
      decode: this.#histogram("request_decode_time_seconds", "Seconds to generate.", REQUEST_SECONDS),
      perToken: this.#histogram("request_time_per_output_token_seconds", "Mean between its tokens.", TOKEN_SECONDS),
      computedTokens: this.#histogram("request_prefill_kv_computed_tokens", "Prompt tokens computed.", tokens),
    };
  }

  #counter(name: string, help: string): CounterFamily {
    return this.#add(new CounterFamily(`vllm:${name}`, help, this.#labels));
  }

  #labelled(name: string, help: string, label: string, values: readonly string[]): LabelledCounterFamily<string> {
    return this.#add(new LabelledCounterFamily(`vllm:${name}`, help, this.#labels, label, values));
  }

  #histogram(name: string, help: string, bounds: readonly number[]): HistogramFamily {
    return this.#add(new HistogramFamily(`vllm:${name}`, help, this.#labels, bounds));
  }

  #gauge(name: string, help: string, read: () => number): void {
    this.#add(new GaugeFamily(`vllm:${name}`, help, () => [[this.#labels, read()]]));
  }

  #add<Added extends MetricFamily>(family: Added): Added {
    this.#families.push(family);
    return family;
  }
}

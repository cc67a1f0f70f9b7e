import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Gpu } from "./gpu";

const LABELS = ["model_name", "engine"] as const;
type Label = (typeof LABELS)[number];

/** Seconds; vLLM's own bounds are finer, these tell a good answer from a late one. */
const SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60];
const STEP_SECONDS = [0.01, 0.025, 0.05, 0.075, 0.1, 0.2, 0.5, 1];

/** The metrics of vLLM 0.33 that dashboards and autoscaling read, under vLLM's own names and labels. */
export class SimulatorMetrics {
  readonly registry = new Registry();
  readonly #labels: Record<Label, string>;
  readonly #prompt: Counter<Label>;
  readonly #generated: Counter<Label>;
  readonly #success: Counter<Label | "finished_reason">;
  readonly #ttft: Histogram<Label>;
  readonly #step: Histogram<Label>;
  readonly #e2e: Histogram<Label>;

  constructor(model: string, gpu: Gpu) {
    const labels = { model_name: model, engine: "0" };
    this.#labels = labels;
    const registers = [this.registry];
    const gauge = (name: string, help: string, read: () => number, extra: Readonly<Record<string, string>> = {}) =>
      new Gauge({
        name,
        help,
        labelNames: [...LABELS, ...Object.keys(extra)],
        registers,
        collect() {
          this.set({ ...labels, ...extra }, read());
        },
      });
    gauge("vllm:num_requests_running", "Sequences in the batch.", () => gpu.running);
    gauge("vllm:num_requests_waiting", "Sequences waiting for a place in the batch.", () => gpu.waiting);
    gauge("vllm:num_requests_waiting_by_reason", "Waiting sequences by reason.", () => gpu.waiting, {
      reason: "capacity",
    });
    gauge("vllm:kv_cache_usage_perc", "Share of the KV cache in use, 0 to 1.", () => gpu.kvCacheUsage);
    const counter = (name: string, help: string) => new Counter({ name, help, labelNames: LABELS, registers });
    this.#prompt = counter("vllm:prompt_tokens_total", "Prompt tokens read.");
    this.#generated = counter("vllm:generation_tokens_total", "Tokens generated.");
    this.#success = new Counter({
      name: "vllm:request_success_total",
      help: "Finished requests.",
      labelNames: [...LABELS, "finished_reason"],
      registers,
    });
    const histogram = (name: string, help: string, buckets: number[]) =>
      new Histogram({ name, help, labelNames: LABELS, buckets, registers });
    this.#ttft = histogram("vllm:time_to_first_token_seconds", "Seconds to the first token.", SECONDS);
    this.#step = histogram("vllm:inter_token_latency_seconds", "Seconds between tokens.", STEP_SECONDS);
    this.#e2e = histogram("vllm:e2e_request_latency_seconds", "Seconds of a whole request.", SECONDS);
  }

  prompt(tokens: number): void {
    this.#prompt.inc(this.#labels, tokens);
  }

  /** One token, so many seconds after the one before, or after the request's arrival when it is the first. */
  token(isFirst: boolean, seconds: number): void {
    this.#generated.inc(this.#labels);
    (isFirst ? this.#ttft : this.#step).observe(this.#labels, seconds);
  }

  finished(reason: "stop" | "length", seconds: number): void {
    this.#success.inc({ ...this.#labels, finished_reason: reason });
    this.#e2e.observe(this.#labels, seconds);
  }
}

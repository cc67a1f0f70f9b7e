import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { METRICS } from "../../contract/metrics";
import type { RetryReason } from "./engine-errors";
import type { ServedEvent } from "./served-event";

/** Seconds; 2 s, the TTFT target, is a bound of its own. */
const TTFT_BUCKETS = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30];
/** Seconds. From a small model's 5 ms to 30 streams on one L4, 67 ms each, and beyond. */
const TPOT_BUCKETS = [0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.065, 0.08, 0.1, 0.15, 0.25, 0.5, 1];

/** What the gauges look at when they are read. */
export interface EngineGauges {
  readonly label: string;
  readonly inFlight: number;
  readonly endpoints: readonly { readonly id: string; available(): boolean }[];
}

/** What the gateway measures about its engines. */
export class EngineMetrics {
  readonly #ttft: Histogram<"task" | "model">;
  readonly #tpot: Histogram<"task" | "model">;
  readonly #tokens: Counter<"model" | "kind">;
  readonly #retries: Counter<"model" | "reason">;

  constructor(registry: Registry, models: () => readonly EngineGauges[]) {
    const registers = [registry];
    this.#ttft = new Histogram({
      name: METRICS.ttft,
      help: "Seconds from a generation request to its first text, queue included.",
      labelNames: ["task", "model"],
      buckets: TTFT_BUCKETS,
      registers,
    });
    this.#tpot = new Histogram({
      name: METRICS.tpot,
      help: "Seconds between an answer's tokens, after the first.",
      labelNames: ["task", "model"],
      buckets: TPOT_BUCKETS,
      registers,
    });
    this.#tokens = new Counter({
      name: METRICS.tokens,
      help: "Tokens that the engines read and wrote.",
      labelNames: ["model", "kind"],
      registers,
    });
    this.#retries = new Counter({
      name: METRICS.engineRetries,
      help: "Requests sent to an engine once more, by what went wrong before.",
      labelNames: ["model", "reason"],
      registers,
    });
    new Gauge({
      name: METRICS.inFlight,
      help: "Generation requests in flight to a model.",
      labelNames: ["model"],
      registers,
      collect() {
        this.reset();
        for (const { label, inFlight } of models()) this.inc({ model: label }, inFlight);
      },
    });
    new Gauge({
      name: METRICS.endpointUp,
      help: "1 while an engine endpoint takes requests: its circuit is closed, or free for a probe.",
      labelNames: ["model", "endpoint"],
      registers,
      collect() {
        this.reset();
        for (const { label, endpoints } of models())
          for (const endpoint of endpoints)
            this.set({ model: label, endpoint: endpoint.id }, endpoint.available() ? 1 : 0);
      },
    });
  }

  served({ task, model, ttftMs, tpotMs, promptTokens, completionTokens }: ServedEvent): void {
    if (ttftMs !== undefined) this.#ttft.observe({ task, model }, ttftMs / 1000);
    if (tpotMs !== undefined) this.#tpot.observe({ task, model }, tpotMs / 1000);
    if (promptTokens > 0) this.#tokens.inc({ model, kind: "prompt" }, promptTokens);
    if (completionTokens > 0) this.#tokens.inc({ model, kind: "completion" }, completionTokens);
  }

  retry(model: string, reason: RetryReason): void {
    this.#retries.inc({ model, reason });
  }
}

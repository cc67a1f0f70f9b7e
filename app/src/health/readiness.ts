import { setTimeout as delay } from "node:timers/promises";
import type { CallContext } from "../engine/engine-client";
import type { Model } from "../engine/model-pool";
import { AppError } from "../errors/app-error";

/** Whether one model may be relied on, and why not. */
export interface ModelState {
  readonly model: string;
  readonly ready: boolean;
  /** What was last seen, fit for clients: no address, nothing of the engine's own words. */
  readonly reason: string;
  /** What was thrown, for the log. */
  readonly cause?: unknown;
}

export interface ReadinessOptions {
  readonly models: readonly Model[];
  /** Told of every change and of every tenth failed attempt. */
  readonly onProgress: (state: ModelState) => void;
  /** Milliseconds between attempts to warm up. @default 1000, as often as a load balancer could ask */
  readonly retryMs?: number;
  /** Milliseconds between checks of a ready model. @default 5000, the load balancer's own interval */
  readonly probeMs?: number;
}

/** Milliseconds for a check of a ready engine, as the specification's 2 s for every health check. */
const PROBE_TIMEOUT_MS = 2_000;
/** Failed checks in a row that make a ready model not ready: the load balancer's unhealthy threshold, less its own. */
const PROBE_FAILURES = 2;
/** One line in the log for so many failed attempts. */
const REPORT_EVERY = 10;

/**
 * Watches every model in the background: a model is ready once it has generated one real token (weights loaded, kernels
 * compiled), and not ready again when its engine stops answering. A process that only checks its own port would take
 * traffic minutes before the engine can.
 */
export class Readiness {
  readonly #options: ReadinessOptions;
  readonly #stop = new AbortController();
  readonly #states = new Map<Model, ModelState>();
  #watchers: Promise<void>[] = [];

  constructor(options: ReadinessOptions) {
    this.#options = options;
    for (const model of options.models) {
      this.#states.set(model, { model: model.label, ready: false, reason: "not asked yet" });
    }
  }

  get states(): readonly ModelState[] {
    return [...this.#states.values()];
  }

  get ready(): boolean {
    return this.states.every((state) => state.ready);
  }

  /** One sentence on the models that are not ready. Empty when all are. */
  get reason(): string {
    const waiting = this.states.filter((state) => !state.ready);
    return waiting.map((state) => `model ${state.model} is warming up (${state.reason})`).join("; ");
  }

  start(): void {
    this.#watchers = [...this.#states.keys()].map((model) => this.#watch(model));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#watchers);
  }

  async #watch(model: Model): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#warmUp(model);
      await this.#untilItFails(model);
    }
  }

  async #warmUp(model: Model): Promise<void> {
    const { retryMs = 1_000 } = this.#options;
    for (let attempt = 1; !this.#stop.signal.aborted; attempt += 1) {
      try {
        await generateOneToken(model, this.#context("warm-up"));
        this.#set(model, { ready: true, reason: `generated a token at attempt ${attempt}` }, true);
        return;
      } catch (thrown) {
        const report = attempt === 1 || attempt % REPORT_EVERY === 0;
        this.#set(model, { ready: false, reason: `attempt ${attempt}: ${codeOf(thrown)}`, cause: thrown }, report);
        await this.#pause(retryMs);
      }
    }
  }

  async #untilItFails(model: Model): Promise<void> {
    const { probeMs = 5_000 } = this.#options;
    let failures = 0;
    while (!this.#stop.signal.aborted && failures < PROBE_FAILURES) {
      await this.#pause(probeMs);
      try {
        await model.client.listModels(this.#context("probe"), PROBE_TIMEOUT_MS);
        failures = 0;
      } catch (thrown) {
        failures += 1;
        if (failures === PROBE_FAILURES)
          this.#set(model, { ready: false, reason: codeOf(thrown), cause: thrown }, true);
      }
    }
  }

  #set(model: Model, seen: Omit<ModelState, "model">, report: boolean): void {
    if (this.#stop.signal.aborted) return;
    const state = { model: model.label, ...seen };
    this.#states.set(model, state);
    if (report) this.#options.onProgress(state);
  }

  #context(requestId: string): CallContext {
    return { requestId, signal: this.#stop.signal };
  }

  async #pause(ms: number): Promise<void> {
    // The only way it fails is the abort, which every loop looks at next.
    await delay(ms, undefined, { signal: this.#stop.signal, ref: false }).catch(() => {});
  }
}

async function generateOneToken(model: Model, context: CallContext): Promise<void> {
  const name = await model.name(context);
  await model.client.complete(
    name,
    { messages: [{ role: "user", content: "ping" }], maxTokens: 1, temperature: 0 },
    context,
  );
}

function codeOf(thrown: unknown): string {
  return thrown instanceof AppError ? thrown.code : "INTERNAL_ERROR";
}

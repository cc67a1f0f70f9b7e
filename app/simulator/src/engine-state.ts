import type { ServerResponse } from "node:http";
import { Faults } from "./faults";
import { Gpu } from "./gpu";
import { LoadedAdapters } from "./loaded-adapters";
import type { SimulatorSettings } from "./options";
import { SimulatorMetrics } from "./simulator-metrics";
import { kvCacheBytes, L4_GEMMA_12B } from "./timing";

/** One engine: its GPU, its adapters, its metrics and what goes wrong with it. */
export class EngineState {
  readonly gpu: Gpu;
  readonly adapters: LoadedAdapters;
  readonly faults: Faults;
  readonly metrics: SimulatorMetrics;
  #load = 0;
  #onIdle: () => void = () => {};
  #isDead = false;
  #isDraining = false;

  /** @param onAdaptersChanged answers that were worked out before may no longer be right */
  constructor(settings: SimulatorSettings, onAdaptersChanged: () => void) {
    this.metrics = new SimulatorMetrics({
      model: settings.servedModelName,
      maxModelLen: settings.maxModelLen,
      maxAdapters: settings.enableLora ? settings.maxLoras : undefined,
    });
    this.gpu = new Gpu({
      speed: settings.speed,
      stepwise: settings.stepwise,
      timing: settings.timing,
      kvCacheBytes: settings.kvCacheBytes,
      prefixCaching: settings.enablePrefixCaching,
      maxSequences: settings.maxNumSeqs,
      maxBatchedTokens: settings.maxNumBatchedTokens,
      maxAdapters: settings.maxLoras,
      policy: settings.schedulingPolicy,
      observer: this.metrics,
    });
    const { blockTokens } = L4_GEMMA_12B;
    const blockBytes = kvCacheBytes(blockTokens, settings.timing);
    this.metrics.watch(this.gpu, { tokens: blockTokens, count: Math.floor(settings.kvCacheBytes / blockBytes) });
    this.faults = new Faults({
      slowDown: (slowness) => this.gpu.slowDown(slowness),
      stall: (isStalled) => this.gpu.stall(isStalled),
      crash: () => this.#crash(),
      restart: () => this.#restart(),
    });
    this.adapters = new LoadedAdapters({
      enabled: settings.enableLora,
      maxRank: settings.maxLoraRank,
      baseModels: [settings.model, ...settings.servedModelNames],
      prefixes: settings.adapterPrefixes,
      faults: this.faults,
      onChange: onAdaptersChanged,
    });
  }

  /** Generations in flight, as `/load` counts them. */
  get load(): number {
    return this.#load;
  }

  /** Counts a generation as in flight until its answer is out or its client gone. */
  track(response: ServerResponse): void {
    this.#load += 1;
    response.once("close", () => {
      this.#load -= 1;
      if (this.#load === 0) this.#onIdle();
    });
  }

  /** Whether the engine's process has died. */
  get isDead(): boolean {
    return this.#isDead;
  }

  /** Whether nothing new is generated any more. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Refuses what is new from now on; what is in flight goes on. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Resolves when nothing is in flight, or when so many milliseconds have passed. */
  async idle(timeoutMs: number): Promise<void> {
    if (this.#load === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#onIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #crash(): void {
    this.#isDead = true;
    this.gpu.reset("error");
  }

  #restart(): void {
    this.#isDead = false;
    this.gpu.stall(false);
    this.gpu.reset("abort");
    this.adapters.clear();
  }
}

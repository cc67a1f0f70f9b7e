import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "../../shared/errors/app-error";
import { allowsTraffic, type WarmUp, WarmUpError, type WarmUpState } from "./warm-up";

export interface ReadinessOptions {
  readonly warmUps: readonly WarmUp[];
  /** Called at every change and at every tenth failed attempt. */
  readonly onProgress: (state: WarmUpState) => void;
  /** Milliseconds between attempts to warm up. @default 1000, the shortest interval of a load balancer's probe */
  readonly retryMs?: number;
  /** Milliseconds between probes of what is warm. @default 5000, the load balancer's own interval */
  readonly probeMs?: number;
}

/** Failed probes in a row that make something ready not ready: the load balancer's unhealthy threshold, less its own. */
const PROBE_FAILURES = 2;
/** One line in the log for so many failed attempts. */
const REPORT_EVERY = 10;

/**
 * Warms everything up in the background and watches it afterwards: a model is ready once it has generated one real token
 * (weights loaded, kernels compiled), and not ready again when its engine stops answering. A process that only checks its
 * own port would take traffic minutes before the engine can.
 */
export class Readiness {
  readonly #options: ReadinessOptions;
  readonly #stop = new AbortController();
  readonly #states = new Map<WarmUp, WarmUpState>();
  #watchers: Promise<void>[] = [];

  constructor(options: ReadinessOptions) {
    this.#options = options;
    for (const warmUp of options.warmUps) {
      const { name, need } = warmUp;
      this.#states.set(warmUp, { name, need, ready: false, reached: false, tried: false, reason: "not asked yet" });
    }
  }

  get states(): readonly WarmUpState[] {
    return [...this.#states.values()];
  }

  /** Whether the instance may take traffic. */
  get ready(): boolean {
    return allowsTraffic(this.states);
  }

  /** One sentence on what is not warm, also where the instance is ready without it. Empty when everything is. */
  get reason(): string {
    const waiting = this.states.filter((state) => !state.ready);
    return waiting.map((state) => `${state.name} is warming up (${state.reason})`).join("; ");
  }

  start(): void {
    this.#watchers = [...this.#states.keys()].map((warmUp) => this.#watch(warmUp));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#watchers);
  }

  async #watch(warmUp: WarmUp): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#warmUp(warmUp);
      if (warmUp.probe === undefined) return;
      await this.#untilItFails(warmUp, (probed) => warmUp.probe?.(probed) ?? Promise.resolve());
    }
  }

  async #warmUp(warmUp: WarmUp): Promise<void> {
    const { retryMs = 1_000 } = this.#options;
    for (let attempt = 1; !this.#stop.signal.aborted; attempt += 1) {
      try {
        await warmUp.run(this.#stop.signal);
        this.#set(warmUp, { ready: true, reason: `warm at attempt ${attempt}` }, true);
        return;
      } catch (thrown) {
        const report = attempt === 1 || attempt % REPORT_EVERY === 0;
        this.#set(warmUp, { ready: false, reason: `attempt ${attempt}: ${reasonOf(thrown)}`, cause: thrown }, report);
        await this.#pause(retryMs);
      }
    }
  }

  async #untilItFails(warmUp: WarmUp, probe: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { probeMs = 5_000 } = this.#options;
    let failures = 0;
    while (!this.#stop.signal.aborted && failures < PROBE_FAILURES) {
      await this.#pause(probeMs);
      try {
        await probe(this.#stop.signal);
        failures = 0;
      } catch (thrown) {
        failures += 1;
        if (failures < PROBE_FAILURES) continue;
        this.#set(warmUp, { ready: false, reason: reasonOf(thrown), cause: thrown }, true);
      }
    }
  }

  #set(warmUp: WarmUp, seen: Pick<WarmUpState, "ready" | "reason" | "cause">, report: boolean): void {
    if (this.#stop.signal.aborted) return;
    const { name, need } = warmUp;
    const reached = seen.ready || this.#states.get(warmUp)?.reached === true;
    const state = { name, need, reached, tried: true, ...seen };
    this.#states.set(warmUp, state);
    if (report) this.#options.onProgress(state);
  }

  async #pause(ms: number): Promise<void> {
    // Rejects only on abort, which every loop checks next.
    await delay(ms, undefined, { signal: this.#stop.signal, ref: false }).catch(() => {});
  }
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof WarmUpError) return thrown.message;
  return thrown instanceof AppError ? thrown.code : "INTERNAL_ERROR";
}

import type { FastifyBaseLogger } from "fastify";
import type { Registry } from "prom-client";
import type { Task } from "../../contract/tasks";
import { type Clock, systemClock } from "../../shared/clock";
import type { AdapterKeeper } from "../client/adapter-keeper";
import { AdapterAbsentError } from "../client/hold-adapter";
import type { AnyAdapter } from "./adapter";
import { AdapterMetrics } from "./adapter-metrics";
import { AdapterRegistry } from "./adapter-registry";
import type { AdapterRepository } from "./adapter-repository";
import { type AdapterAnswer, type AdapterServing, adapterFailure } from "./adapter-serving";
import { type AdapterLoadResult, loadable } from "./adapter-slots";
import type { EngineHost, EngineHosts } from "./engine-host";
import { HostSlots } from "./host-slots";
import { AdapterPromotion } from "./promotion";
import { Reconciler } from "./reconciler";
import { type AdapterChoice, type AdapterQuestion, UNREAD } from "./selection";

export interface AdapterServiceOptions {
  readonly repository: AdapterRepository;
  readonly hosts: EngineHosts;
  /** Name of the model that answers a task. */
  readonly modelOf: (task: Task) => string;
  /** `ADAPTER_PREFIXES`. */
  readonly prefixes: readonly string[];
  /** `MAX_LORAS`. */
  readonly maxLoras: number;
  /** @default one that no registry exposes */
  readonly metrics?: AdapterMetrics;
  readonly log: Pick<FastifyBaseLogger, "info" | "warn">;
  /** @default the process's own */
  readonly clock?: Clock;
  /** Milliseconds between looks for what other gateways did and for engines that came back. @default 2000 */
  readonly followMs?: number;
  /** Milliseconds between comparisons of what every engine has with what it should have. @default 30000 */
  readonly reconcileMs?: number;
  /**
   * Milliseconds that a request waits for its adapter to be loaded before the base model answers. @default 2000, the
   * SLA of the first token
   */
  readonly waitMs?: number;
}

/** An adapter with where it is. */
export interface ResidentAdapter {
  readonly adapter: AnyAdapter;
  /** Ids of the endpoints that have it, as this gateway last saw it. */
  readonly loadedOn: readonly string[];
  /** Requests of this gateway that use it. */
  readonly inFlight: number;
}

/** LoRA adapters: which one answers whom, on which engines they are, and how they change. */
export class AdapterService implements AdapterServing, AdapterKeeper {
  readonly promotion: AdapterPromotion;
  /** Where adapters may lie. */
  readonly prefixes: readonly string[];
  readonly #options: AdapterServiceOptions;
  readonly #clock: Clock;
  readonly #metrics: AdapterMetrics;
  readonly #registry: AdapterRegistry;
  readonly #hostSlots: HostSlots;
  readonly #reconciler: Reconciler;
  readonly #stop = new AbortController();
  #cancel: () => void = () => {};
  #reconciledAt = 0;
  /** Whether the last look at the registry succeeded: an outage is logged once, not every two seconds. */
  #readable = true;
  #round: Promise<void> = Promise.resolve();
  #reconciling: Promise<void> = Promise.resolve();

  constructor(options: AdapterServiceOptions) {
    const { repository, hosts, maxLoras, prefixes, log, clock = systemClock } = options;
    this.#options = options;
    this.prefixes = prefixes;
    this.#clock = clock;
    this.#metrics = options.metrics ?? new AdapterMetrics();
    this.#registry = new AdapterRegistry(repository);
    const registry = this.#registry;
    const known = (name: string) => registry.find(name) !== undefined;
    const stopped = this.#stop.signal;
    this.#hostSlots = new HostSlots({ hosts, maxLoras, clock, known, stopped, onResult: this.#report });
    const hostSlots = this.#hostSlots;
    this.promotion = new AdapterPromotion({ repository, registry, hostSlots, prefixes });
    const onError = (what: string, cause: unknown) => {
      if (!stopped.aborted) log.warn({ err: cause }, what);
    };
    this.#reconciler = new Reconciler({ registry, hostSlots, maxLoras, onError });
  }

  /** Counts from now on into a registry. To be called once. */
  register(registry: Registry): void {
    this.#metrics.register(registry);
  }

  /** Reads the registry and brings the engines up to it, in the background, from now on. */
  start(): void {
    this.#round = this.#follow();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#cancel();
    // In this order: a round that is under way may have begun to reconcile.
    await this.#round;
    await this.#reconciling;
  }

  resolve({ task, ...question }: AdapterQuestion): AdapterChoice {
    return this.#registry.selection?.choose(question, this.#options.modelOf(task)) ?? UNREAD;
  }

  async run<T>(
    task: Task,
    choice: AdapterChoice,
    generate: (adapter: string | undefined) => Promise<T>,
  ): Promise<AdapterAnswer<T>> {
    let { fallbackReason } = choice;
    if (choice.name !== null) {
      try {
        return { value: await generate(choice.name), adapter: choice.name, version: choice.version };
      } catch (thrown) {
        fallbackReason = adapterFailure(thrown);
        if (fallbackReason === undefined) throw thrown;
        this.#options.log.warn({ err: thrown, adapter: choice.name }, "the base model answers in an adapter's place");
      }
    }
    if (fallbackReason === undefined) return { value: await generate(undefined), adapter: null, version: null };
    this.#metrics.fallback(task, fallbackReason);
    return { value: await generate(undefined), adapter: null, version: null, fallbackReason };
  }

  async hold(host: EngineHost, name: string, signal: AbortSignal): Promise<() => void> {
    // In whichever state: a request that chose it before a flip, and waited, still gets it.
    const adapter = this.#registry.find(name);
    // One that the engine was started with is the engine's own affair.
    if (adapter === undefined) return () => {};
    const slots = this.#hostSlots.slotsOf(host);
    if (slots.has(name)) return slots.hold(loadable(adapter), signal);
    const { waitMs = 2_000 } = this.#options;
    try {
      return await slots.hold(loadable(adapter), AbortSignal.any([signal, AbortSignal.timeout(waitMs)]));
    } catch (thrown) {
      // A client that left before the load ended gets its own error, not that of a missing adapter.
      signal.throwIfAborted();
      throw new AdapterAbsentError(name, thrown);
    }
  }

  /** The engine was restarted, or another gateway needed the place. */
  lost(host: EngineHost, name: string): void {
    this.#hostSlots.slotsOf(host).lost(name);
    this.#reconcile(this.#reconciler.one(host));
  }

  /** Every adapter with where it is, newest first. */
  async list(): Promise<readonly ResidentAdapter[]> {
    const adapters = await this.#options.repository.list();
    return adapters.map((adapter) => ({ adapter, ...this.#hostSlots.residence(adapter.name, adapter.baseModel) }));
  }

  readonly #report = (result: AdapterLoadResult, adapter: string, host: EngineHost, cause?: unknown): void => {
    this.#metrics.load(result);
    if (result === "failed") this.#options.log.warn({ adapter, endpoint: host.id, err: cause }, "adapter not loaded");
    else this.#options.log.info({ adapter, endpoint: host.id }, `adapter ${result}`);
  };

  async #follow(): Promise<void> {
    const { followMs = 2_000, reconcileMs = 30_000, log } = this.#options;
    try {
      const due = this.#clock.now() - this.#reconciledAt >= reconcileMs || this.#registry.selection === undefined;
      if (due) await this.#registry.read();
      const moved = due || (await this.#registry.follow());
      if (this.#stop.signal.aborted) return;
      if (moved) {
        this.#reconciledAt = this.#clock.now();
        this.#reconcile(this.#reconciler.all());
      } else this.#reconcile(this.#reconciler.returned());
      this.#readable = true;
    } catch (thrown) {
      if (this.#readable) log.warn({ err: thrown }, "the registry of adapters cannot be read; what was known stays");
      this.#readable = false;
    }
    if (this.#stop.signal.aborted) return;
    this.#cancel = this.#clock.after(followMs, () => {
      this.#round = this.#follow();
    });
  }

  /** Not waited for: an engine that hangs must not keep this process from seeing what other gateways do. */
  #reconcile(run: Promise<void>): void {
    this.#reconciling = Promise.all([this.#reconciling, run]).then(() => {});
  }
}

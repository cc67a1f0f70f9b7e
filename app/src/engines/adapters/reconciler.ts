import type { Adapter } from "./adapter";
import type { AdapterRegistry } from "./adapter-registry";
import { loadable } from "./adapter-slots";
import type { EngineHost } from "./engine-host";
import type { Eviction } from "./eviction";
import type { HostSlots } from "./host-slots";

export interface ReconcilerOptions {
  readonly registry: AdapterRegistry;
  readonly hostSlots: HostSlots;
  /** The engines' `--max-loras`. */
  readonly maxLoras: number;
  /** Called with every failure; nothing is thrown. */
  readonly onError: (what: string, cause: unknown) => void;
}

/**
 * Loads on the engines what the registry lists as active: an engine that was restarted has lost its adapters, one that
 * is new never had them. Only an adapter that is not active any more leaves for one that is missing: which active ones
 * stay, where there are more than fit, is for the requests to decide.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #running = new Map<EngineHost, Promise<void>>();
  /** Endpoints that were available at the last look, and answered. */
  #available = new Set<EngineHost>();
  /** Endpoints that did not answer the last time: a failure is reported once. */
  readonly #silent = new WeakSet<EngineHost>();
  readonly #mayLeave: Eviction;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#mayLeave = (name) => (options.registry.isActive(name) ? "never" : "first");
  }

  /** Every endpoint that is available. */
  async all(): Promise<void> {
    this.#available = new Set(this.#hosts().filter((host) => host.available()));
    await Promise.all([...this.#available].map((host) => this.one(host)));
  }

  /**
   * The endpoints that were not there, not available or did not answer at the last look. One whose circuit is half-open
   * counts as available minutes before its engine listens again.
   */
  async returned(): Promise<void> {
    const before = this.#available;
    this.#available = new Set(this.#hosts().filter((host) => host.available()));
    await Promise.all([...this.#available].filter((host) => !before.has(host)).map((host) => this.one(host)));
  }

  /** One endpoint; joins a run that is under way. */
  one(host: EngineHost): Promise<void> {
    const running = this.#running.get(host);
    if (running !== undefined) return running;
    const run = this.#reconcile(host).finally(() => this.#running.delete(host));
    this.#running.set(host, run);
    return run;
  }

  async #reconcile(host: EngineHost): Promise<void> {
    const { hostSlots, maxLoras, onError } = this.#options;
    const slots = hostSlots.slotsOf(host);
    try {
      await slots.refresh();
    } catch (thrown) {
      this.#available.delete(host);
      if (!this.#silent.has(host)) onError(`adapters of ${host.id} are not known`, thrown);
      this.#silent.add(host);
      return;
    }
    this.#silent.delete(host);
    const wanted = this.#wantedOn(host).slice(0, maxLoras);
    for (const adapter of wanted) {
      // A refused load was reported by the slots, and is tried again at the next run.
      await slots.load(loadable(adapter), this.#mayLeave).catch(() => {});
    }
  }

  #hosts(): EngineHost[] {
    const models = new Set(this.#active().map((adapter) => adapter.baseModel));
    return [...new Set([...models].flatMap((model) => this.#options.hostSlots.hostsOf(model)))];
  }

  #wantedOn(host: EngineHost): Adapter<"active">[] {
    return this.#active().filter((adapter) => this.#options.hostSlots.hostsOf(adapter.baseModel).includes(host));
  }

  #active(): Adapter<"active">[] {
    return [...(this.#options.registry.selection?.active ?? [])];
  }
}

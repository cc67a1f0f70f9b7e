import { AppError } from "../../shared/errors/app-error";
import { retryLost } from "../client/hold-adapter";
import { type Activation, rollbackTarget } from "./activation";
import type { AnyAdapter, PointerKey } from "./adapter";
import type { AdapterRegistry } from "./adapter-registry";
import type { AdapterRepository, Flip, NewAdapter } from "./adapter-repository";
import { loadable } from "./adapter-slots";
import { canonicalUri } from "./adapter-uri";
import type { EngineHost } from "./engine-host";
import type { Eviction } from "./eviction";
import type { HostSlots } from "./host-slots";

export interface PromotionOptions {
  readonly repository: AdapterRepository;
  readonly registry: AdapterRegistry;
  readonly hostSlots: HostSlots;
  /** `ADAPTER_PREFIXES`. */
  readonly prefixes: readonly string[];
}

/** Milliseconds for one short answer of a freshly loaded adapter. */
const SMOKE_MS = 30_000;

/** What operators do with adapters. A step that fails leaves every pointer where it was. */
export class AdapterPromotion {
  readonly #options: PromotionOptions;
  /** What answers users leaves last: whether the new adapter works is not known yet. */
  readonly #mayLeave: Eviction;

  constructor(options: PromotionOptions) {
    this.#options = options;
    this.#mayLeave = (name) => (options.registry.isActive(name) ? "last" : "first");
  }

  /**
   * Registers an adapter as staged. The same registration again is answered with what is there.
   * @throws AdapterUriError for a URI outside the allowed prefixes; AppError 404 UNKNOWN_MODEL, 409 CONFLICT when the
   * name, or the version for that owner and domain, is taken by another adapter
   */
  async register(adapter: NewAdapter): Promise<{ readonly adapter: AnyAdapter; readonly created: boolean }> {
    const { repository, registry, hostSlots, prefixes } = this.#options;
    const uri = canonicalUri(adapter.uri, prefixes);
    if (hostSlots.hostsOf(adapter.baseModel).length === 0)
      throw new AppError("UNKNOWN_MODEL", { params: { model: adapter.baseModel } });
    const created = await repository.register({ ...adapter, uri });
    if (created !== undefined) {
      await registry.read();
      return { adapter: created, created: true };
    }
    const taken = await repository.find(adapter.name);
    if (taken === undefined || !sameRegistration(taken, { ...adapter, uri }))
      throw conflict(`the name ${adapter.name}, or version ${adapter.version} of that owner and domain, is taken.`);
    return { adapter: taken, created: false };
  }

  /**
   * Loads the adapter on every endpoint that takes requests, has it answer there once, and only then lets it answer its
   * users. What answered before is retired and stays loaded for its requests in flight, and for a rollback, until
   * another adapter needs the place. Activating the active one checks it on every endpoint and moves nothing. Where a
   * step fails, the adapter is unloaded again, and active ones that left for it come back.
   * @returns undefined where it was active already
   * @throws AppError 404 UNKNOWN_ADAPTER; 409 CONFLICT when another move came first; 502 ADAPTER_NOT_LOADED or
   * ADAPTER_SMOKE_FAILED; 503 when no endpoint takes requests
   */
  async activate(name: string, who: string): Promise<Activation | undefined> {
    const adapter = await this.#find(name);
    const from = await this.#current(adapter);
    await this.#prepare(adapter);
    if (adapter.status === "active") return undefined;
    const { owner, domain } = adapter;
    return this.#flip({ owner, domain, action: "activate", who, from, to: name });
  }

  /**
   * Moves a pointer back to what answered before, the base model included. That is usually still loaded; no smoke
   * generation, since it has answered before. One endpoint that has it is enough: the others load it behind.
   * @throws AppError 409 CONFLICT when there is nothing to go back to; 502 ADAPTER_NOT_LOADED when no endpoint has it
   * or loads it
   */
  async rollback(pointer: PointerKey, who: string): Promise<Activation> {
    const target = rollbackTarget(await this.#options.repository.history(pointer));
    if (target === undefined) throw conflict("nothing to roll back to.");
    const from = await this.#current(pointer);
    if (target !== null) await this.#anywhere(await this.#find(target));
    return this.#flip({ ...pointer, action: "rollback", who, from, to: target });
  }

  /**
   * Takes an adapter out of use: what answers its pointer then is the domain's adapter or the base model.
   * Retiring a retired one changes nothing.
   */
  async retire(name: string, who: string): Promise<void> {
    const adapter = await this.#find(name);
    if (adapter.status === "retired") return;
    if (adapter.status === "staged") {
      if (!(await this.#options.repository.discard(name))) throw movedMeanwhile();
      return;
    }
    const { owner, domain } = adapter;
    await this.#flip({ owner, domain, action: "retire", who, from: name, to: null });
  }

  /**
   * Takes an adapter that is not active off every endpoint.
   * @throws AppError 409 CONFLICT when it is active or a request uses it
   */
  async unload(name: string): Promise<void> {
    const { hostSlots } = this.#options;
    const adapter = await this.#find(name);
    if (adapter.status === "active") throw conflict(`${name} is active: roll back or retire it first.`);
    const hosts = hostSlots.hostsOf(adapter.baseModel).filter((host) => host.available());
    const unloads = await Promise.allSettled(
      hosts.map(async (host) => {
        await hostSlots.slotsOf(host).refresh();
        return hostSlots.slotsOf(host).unload(name);
      }),
    );
    const failed = unloads.find((unload) => unload.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    if (unloads.some((unload) => unload.status === "fulfilled" && !unload.value))
      throw conflict(`requests that use ${name} are in flight.`);
  }

  async #find(name: string): Promise<AnyAdapter> {
    const adapter = await this.#options.repository.find(name);
    if (adapter === undefined) throw new AppError("UNKNOWN_ADAPTER", { params: { adapter: name } });
    return adapter;
  }

  /** Name of what answers a pointer now, as the database has it. */
  async #current({ owner, domain }: PointerKey): Promise<string | null> {
    const { active } = await this.#options.repository.pointers();
    return active.find((adapter) => adapter.owner === owner && adapter.domain === domain)?.name ?? null;
  }

  async #flip(flip: Flip): Promise<Activation> {
    const { repository, registry } = this.#options;
    const activation = await repository.flip(flip);
    if (activation === undefined) throw movedMeanwhile();
    await registry.read();
    return activation;
  }

  #takingRequests(adapter: AnyAdapter): readonly EngineHost[] {
    const hosts = this.#options.hostSlots.hostsOf(adapter.baseModel).filter((host) => host.available());
    if (hosts.length === 0) throw new AppError("ENGINE_UNAVAILABLE", { retryAfterSeconds: RETRY_SECONDS });
    return hosts;
  }

  async #prepare(adapter: AnyAdapter): Promise<void> {
    const { registry, hostSlots } = this.#options;
    const hosts = this.#takingRequests(adapter);
    const before = hosts.map((host) => hostSlots.slotsOf(host).names.filter((name) => registry.isActive(name)));
    try {
      const loads = await Promise.allSettled(hosts.map((host) => this.#load(host, adapter)));
      refuseFailures("ADAPTER_NOT_LOADED", adapter.name, loads);
      const smokes = await Promise.allSettled(hosts.map((host) => this.#smoke(host, adapter)));
      refuseFailures("ADAPTER_SMOKE_FAILED", adapter.name, smokes);
    } catch (thrown) {
      if (adapter.status !== "active")
        await Promise.all(hosts.map((host, index) => this.#undo(host, adapter, before[index] ?? [])));
      throw thrown;
    }
  }

  /** What fails here, the next reconciliation does. */
  async #undo(host: EngineHost, { name }: AnyAdapter, active: readonly string[]): Promise<void> {
    const { registry, hostSlots } = this.#options;
    const slots = hostSlots.slotsOf(host);
    await slots.unload(name).catch(() => {});
    for (const gone of active.filter((other) => !slots.has(other))) {
      const adapter = registry.find(gone);
      if (adapter !== undefined) await slots.load(loadable(adapter), this.#mayLeave).catch(() => {});
    }
  }

  async #load(host: EngineHost, adapter: AnyAdapter): Promise<void> {
    await this.#options.hostSlots.slotsOf(host).load(loadable(adapter), this.#mayLeave);
  }

  async #smoke(host: EngineHost, adapter: AnyAdapter): Promise<void> {
    const slots = this.#options.hostSlots.slotsOf(host);
    const signal = AbortSignal.timeout(SMOKE_MS);
    const attempt = async () => {
      const release = await slots.hold(loadable(adapter), signal);
      try {
        const text = await host.smoke(adapter.name, signal);
        if (text.trim() === "") throw new Error(`${adapter.name} gave an empty answer on ${host.id}`);
      } finally {
        release();
      }
    };
    // Since this gateway last looked, the engine may have restarted, or another gateway unloaded the adapter.
    await retryLost(attempt, () => slots.lost(adapter.name));
  }

  /** Resolves when one endpoint has it; the others go on loading it. */
  async #anywhere(adapter: AnyAdapter): Promise<void> {
    const loads = this.#takingRequests(adapter).map((host) => this.#load(host, adapter));
    await Promise.any(loads).catch((thrown) => {
      throw new AppError("ADAPTER_NOT_LOADED", {
        params: { adapter: adapter.name, failed: loads.length, total: loads.length },
        cause: thrown,
      });
    });
  }
}

/** Seconds after which an absent engine is worth asking again: the load balancer's health check interval. */
const RETRY_SECONDS = 5;

function refuseFailures(
  code: "ADAPTER_NOT_LOADED" | "ADAPTER_SMOKE_FAILED",
  adapter: string,
  results: readonly PromiseSettledResult<void>[],
): void {
  const reasons = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  if (reasons.length === 0) return;
  const params = { adapter, failed: reasons.length, total: results.length };
  throw new AppError(code, { params, cause: new AggregateError(reasons, `${adapter}: ${code}`) });
}

function sameRegistration(taken: AnyAdapter, requested: NewAdapter): boolean {
  const keys = ["name", "baseModel", "version", "uri", "sha256", "owner", "domain"] as const;
  return keys.every((key) => taken[key] === requested[key]);
}

function conflict(reason: string): AppError {
  return new AppError("CONFLICT", { params: { reason } });
}

function movedMeanwhile(): AppError {
  return conflict("another change of this adapter came first; look at the list and try again.");
}
